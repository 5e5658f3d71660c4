// The frame around every page: navigation, environment, live connection, who is signed in.
import {
  ActionIcon,
  AppShell,
  Burger,
  Group,
  Menu,
  NavLink,
  ScrollArea,
  Select,
  Skeleton,
  Text,
  Tooltip,
  UnstyledButton,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import {
  IconAdjustments,
  IconBroadcast,
  IconBuilding,
  IconGitPullRequest,
  IconHistory,
  IconKey,
  IconLock,
  IconLogout,
  IconMoon,
  IconServer2,
  IconSun,
  IconUserCircle,
  IconUsersGroup,
  IconZoomQuestion,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useNavigate, useParams, useRouter } from '@tanstack/react-router';
import { Suspense, useEffect, useState } from 'react';
import { ApiError } from '../api.js';
import { environmentsQuery } from '../environments.js';
import { LiveProvider, useLive, useLiveStream } from '../live.js';
import { sessionQuery, useSession, useSignOut } from '../session.js';
import { NoSuchEnvironment } from './Fallbacks.js';
import { LandingProvider } from './Landing.js';
import classes from './Shell.module.css';
import { ErrorState, LoadingRows } from './States.js';

const PAGES = [
  { to: '/$env/settings', label: 'Settings', icon: IconAdjustments },
  { to: '/$env/contexts', label: 'Organizations and users', icon: IconBuilding },
  { to: '/$env/explain', label: 'Explain', icon: IconZoomQuestion },
  { to: '/$env/segments', label: 'Segments', icon: IconUsersGroup },
  { to: '/$env/change-sets', label: 'Change sets', icon: IconGitPullRequest },
  { to: '/$env/activity', label: 'Activity', icon: IconHistory },
  { to: '/$env/live', label: 'Live', icon: IconBroadcast },
  { to: '/$env/access', label: 'Access', icon: IconKey },
  { to: '/$env/environments', label: 'Environments', icon: IconServer2 },
] as const;

/** Lets in who is signed in; everyone else goes to the sign-in page. */
export function Shell() {
  const session = useQuery(sessionQuery);
  if (session.error instanceof ApiError && session.error.status === 401) return <ToSignIn />;
  // Once known, a failure to ask again takes nothing away that somebody is writing.
  if (session.data) return <Frame />;
  if (session.error) return <ErrorState error={session.error} retry={() => void session.refetch()} />;
  return null;
}

/** And from there back to where they were. */
function ToSignIn() {
  const router = useRouter();
  const [from] = useState(() => router.state.location.href);
  useEffect(() => {
    void router.navigate({ to: '/sign-in', search: { from }, replace: true });
  }, [router, from]);
  return null;
}

function Frame() {
  const [opened, { toggle, close }] = useDisclosure(false);
  const { env } = useParams({ from: '/$env' });
  const live = useLiveStream(env);
  const { data } = useQuery(environmentsQuery);
  const isThere = data?.environments.some(({ key }) => key === env) !== false;
  useHotkeys([['/', focusSearch]]);
  return (
    <LiveProvider value={live}>
      <button type="button" className={classes.skip} onClick={focusMain}>
        Skip the navigation
      </button>
      <AppShell
        header={{ height: 56 }}
        navbar={{ width: 252, breakpoint: 'sm', collapsed: { mobile: !opened } }}
        padding={{ base: 'sm', sm: 'lg' }}
      >
        <AppShell.Header>
          <Group h="100%" px="md" justify="space-between" wrap="nowrap" gap="xs">
            <Group gap="sm" wrap="nowrap">
              <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Navigation" />
              <UnstyledButton
                aria-label="Feathery: all settings"
                renderRoot={(props) => <Link {...props} to="/$env/settings" params={{ env }} />}
              >
                <Group gap={8} wrap="nowrap">
                  <img src="/feather.svg" width={28} height={28} alt="" />
                  <Text fw={700} size="lg" visibleFrom="xs">
                    Feathery
                  </Text>
                </Group>
              </UnstyledButton>
              <EnvironmentSwitch environment={env} />
            </Group>
            <Group gap="xs" wrap="nowrap">
              <LiveBadge />
              <ColorScheme />
              <Account />
            </Group>
          </Group>
        </AppShell.Header>
        <AppShell.Navbar p="xs" component="nav" aria-label="Pages">
          <AppShell.Section grow component={ScrollArea}>
            {PAGES.map(({ to, label, icon: Icon }) => (
              <NavLink
                key={to}
                label={label}
                leftSection={<Icon size={18} stroke={1.6} aria-hidden />}
                onClick={close}
                renderRoot={(props) => (
                  <Link
                    {...props}
                    to={to}
                    params={{ env }}
                    activeProps={{ 'data-active': true, 'aria-current': 'page' }}
                  />
                )}
              />
            ))}
          </AppShell.Section>
        </AppShell.Navbar>
        <AppShell.Main id="main" tabIndex={-1} className={classes.main ?? ''}>
          <LandingProvider>
            <Suspense fallback={<LoadingRows />}>
              {isThere ? <Outlet /> : <NoSuchEnvironment environment={env} />}
            </Suspense>
          </LandingProvider>
        </AppShell.Main>
      </AppShell>
    </LiveProvider>
  );
}

/** A page has at most one search. */
function focusSearch() {
  document.querySelector<HTMLInputElement>('main input[type="search"]')?.focus();
}

function focusMain() {
  document.getElementById('main')?.focus();
}

function EnvironmentSwitch({ environment }: { environment: string }) {
  const { data } = useQuery(environmentsQuery);
  const navigate = useNavigate();
  if (data === undefined) return <Skeleton width={140} height={30} />;
  return (
    <Select
      size="xs"
      w={{ base: 124, sm: 180 }}
      aria-label="Environment"
      allowDeselect={false}
      data={data.environments.map(({ key, name }) => ({ value: key, label: name }))}
      value={environment}
      leftSection={<EnvironmentDot environment={environment} />}
      // The same page, so that what is looked at can be compared.
      onChange={(key) => key && navigate({ to: '.', params: { env: key }, search: {} })}
    />
  );
}

/** Production is the one colour that means care; the others are told apart by name. */
function EnvironmentDot({ environment }: { environment: string }) {
  const color = environment === 'production' ? 'var(--mantine-color-red-6)' : 'var(--mantine-color-blue-5)';
  return <span aria-hidden style={{ width: 10, height: 10, borderRadius: 5, background: color }} />;
}

const CONNECTIONS = {
  connecting: { color: 'var(--mantine-color-gray-5)', text: 'Connecting …' },
  live: { color: 'var(--mantine-color-teal-6)', text: 'Live: this page updates by itself' },
  lost: {
    color: 'var(--mantine-color-red-6)',
    text: 'The connection is lost. What is shown may be old; it is tried again by itself.',
  },
} as const;

function LiveBadge() {
  const { connection, connected } = useLive();
  const { color, text } = CONNECTIONS[connection];
  return (
    <Tooltip label={text} multiline maw={280}>
      <Group gap={6} wrap="nowrap" role="status" aria-label={text}>
        <span aria-hidden style={{ width: 8, height: 8, borderRadius: 4, background: color }} />
        <Text
          size="sm"
          c={connection === 'lost' ? 'red' : 'dimmed'}
          style={{ whiteSpace: 'nowrap' }}
          // On a phone the dot alone says that all is well.
          {...(connection !== 'lost' && { visibleFrom: 'xs' })}
        >
          {connection === 'lost' ? 'Connection lost' : `${connected} ${connected === 1 ? 'server' : 'servers'}`}
        </Text>
      </Group>
    </Tooltip>
  );
}

function Account() {
  const { kind, name, role } = useSession();
  const { env } = useParams({ from: '/$env' });
  const signOut = useSignOut();
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Signed in as ${name}`}>
          <IconUserCircle size={20} stroke={1.6} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {name}, {role}
        </Menu.Label>
        {kind === 'member' && (
          <Menu.Item
            leftSection={<IconLock size={16} aria-hidden />}
            renderRoot={(props) => (
              <Link {...props} to="/$env/access" params={{ env }} search={{ tab: 'you' } as never} />
            )}
          >
            Password and sessions
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => signOut.mutate()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function ColorScheme() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false });
  const other = scheme === 'light' ? 'dark' : 'light';
  return (
    <Tooltip label={`Use ${other} colours`}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={`Use ${other} colours`}
        onClick={() => setColorScheme(other)}
      >
        {scheme === 'light' ? <IconMoon size={18} /> : <IconSun size={18} />}
      </ActionIcon>
    </Tooltip>
  );
}
