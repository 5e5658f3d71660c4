import { queryOptions, useQuery } from '@tanstack/react-query';
import { api, data } from './api.js';

export const environmentsQuery = queryOptions({
  queryKey: ['environments'],
  queryFn: () => data(api.GET('/api/v1/environments')),
});

/** What people call an environment; its key until that is known. */
export function useEnvironmentName(environment: string): string {
  const { data } = useQuery(environmentsQuery);
  return data?.environments.find(({ key }) => key === environment)?.name ?? environment;
}

/** Whether a change reaches customers, so that it is asked about before it is made. */
export function isProduction(environment: string): boolean {
  return environment === 'production';
}

/** Whether an environment is frozen or asks for approvals. */
export const policyQuery = (environment: string) =>
  queryOptions({
    queryKey: [environment, 'policy'],
    queryFn: () => data(api.GET('/api/v1/environments/{env}/policy', { params: { path: { env: environment } } })),
  });
