// Who is signed in and what they may do.
import { queryOptions, useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api, data } from './api.js';

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: () => data(api.GET('/api/v1/session')),
  retry: false,
  staleTime: 5 * 60_000,
});

export type Session = NonNullable<Awaited<ReturnType<NonNullable<typeof sessionQuery.queryFn>>>>;

export function useSession(): Session {
  return useSuspenseQuery(sessionQuery).data as Session;
}

/** Whether the person may change what an environment serves. The service decides again; this only shapes the page. */
export function canEdit({ role, environments }: Session, environment: string): boolean {
  if (role === 'admin') return true;
  return role === 'editor' && (environments === null || environments.includes(environment));
}

export function useSignOut() {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: () => api.DELETE('/api/v1/session'),
    onSuccess: () => {
      queries.clear();
      return navigate({ to: '/sign-in' });
    },
  });
}

/** Whether the person may change what settings are in every environment: create them, name them, give them values. */
export function mayEditEverywhere({ role, environments }: Session): boolean {
  return role === 'admin' || (role === 'editor' && environments === null);
}
