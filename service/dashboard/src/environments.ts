import { queryOptions } from '@tanstack/react-query';
import { api, data } from './api.js';

export const environmentsQuery = queryOptions({
  queryKey: ['environments'],
  queryFn: () => data(api.GET('/api/v1/environments')),
});
