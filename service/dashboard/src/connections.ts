import { queryOptions } from '@tanstack/react-query';
import { api, data } from './api.js';

const MOST = 5000;
const EVERY_MS = 10_000;

export type Connection = Awaited<ReturnType<typeof readConnections>>['connections'][number];

function readConnections(environment: string) {
  const params = { path: { env: environment }, query: { limit: MOST } };
  return data(api.GET('/api/v1/environments/{env}/connections', { params }));
}

/** Not below the environment's key: it has a pace of its own. */
export const connectionsQuery = (environment: string) =>
  queryOptions({
    queryKey: ['connections', environment],
    queryFn: () => readConnections(environment),
    refetchInterval: EVERY_MS,
  });

const NAME = /application-name\/(\S+)/;
const ID = /application-id\/(\S+)/;

/** What the application calls itself, else the beginning of its id. */
export function serverName({ tags, instanceId }: Pick<Connection, 'tags' | 'instanceId'>): string {
  return (NAME.exec(tags ?? '') ?? ID.exec(tags ?? ''))?.[1] ?? instanceId.slice(0, 8);
}
