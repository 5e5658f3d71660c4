// Every address of the dashboard, top to bottom. Pages are loaded when first visited.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { BrokenPage, NoSuchPage } from './components/Fallbacks.js';
import { Shell } from './components/Shell.js';
import { lastEnvironment, rememberEnvironment } from './preferences.js';

const root = createRootRoute();

const page = <Path extends string>(path: Path, load: () => Promise<{ default: () => React.ReactNode }>) =>
  createRoute({ getParentRoute: () => inside, path, component: lazyRouteComponent(load) });

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  component: lazyRouteComponent(() => import('./pages/SignIn.js')),
});
const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  component: lazyRouteComponent(() => import('./pages/Setup.js')),
});
const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/$env/settings', params: { env: lastEnvironment() }, replace: true });
  },
});

/** Everything that needs a session: the frame with navigation, one environment at a time. */
const inside = createRoute({
  getParentRoute: () => root,
  path: '/$env',
  component: Shell,
  beforeLoad: ({ params }) => rememberEnvironment(params.env),
});

const tree = root.addChildren([
  home,
  signIn,
  setup,
  inside.addChildren([
    page('/settings', () => import('./pages/Settings.js')),
    page('/settings/$key', () => import('./pages/Setting.js')),
    page('/contexts', () => import('./pages/Contexts.js')),
    page('/contexts/$kind/$key', () => import('./pages/Context.js')),
    page('/explain', () => import('./pages/Explain.js')),
    page('/segments', () => import('./pages/Segments.js')),
    page('/segments/$key', () => import('./pages/Segment.js')),
    page('/change-sets', () => import('./pages/ChangeSets.js')),
    page('/activity', () => import('./pages/Activity.js')),
    page('/live', () => import('./pages/Live.js')),
    page('/access', () => import('./pages/Access.js')),
    page('/environments', () => import('./pages/Environments.js')),
  ]),
]);

export const router = createRouter({
  routeTree: tree,
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultNotFoundComponent: NoSuchPage,
  defaultErrorComponent: BrokenPage,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
