import '@fontsource-variable/inter/index.css';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiError } from './api.js';
import { router } from './router.js';
import { sessionQuery } from './session.js';
import { cssVariables, theme } from './theme.js';

/** The service puts a fresh nonce into each answer, so that Mantine's style elements pass the content policy. */
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';

/** The library that keeps the page still behind a dialog looks for the nonce here. */
Object.assign(window, { __webpack_nonce__: nonce });

// The live stream says what changed, so data known is shown at once and refreshed behind it.
const queries: QueryClient = new QueryClient({
  // A session that has ended shows itself anywhere; asked about it, the shell leads to the sign-in page.
  queryCache: new QueryCache({
    onError: (error, { queryKey }) => {
      if (!(error instanceof ApiError) || error.status !== 401 || queryKey[0] === sessionQuery.queryKey[0]) return;
      void queries.invalidateQueries({ queryKey: sessionQuery.queryKey });
    },
  }),
  defaultOptions: {
    queries: { staleTime: 30_000, retry: 1, networkMode: 'always' },
    // What cannot be done now fails now: done once the browser is back online, it would be when nobody looks any more.
    mutations: { networkMode: 'always' },
  },
});

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <QueryClientProvider client={queries}>
        <Notifications position="bottom-right" />
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
