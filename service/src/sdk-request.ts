// What the routes of SDKs have in common.
import type { FastifyRequest } from 'fastify';
import { Problem } from './problems.js';

/** @throws Problem 404 for a payload filter (protocol.md 9.2): an environment has one data set, and no filters. */
export function refuseFilter({ query }: FastifyRequest): void {
  const { filter } = query as { filter?: unknown };
  if (filter !== undefined && filter !== '')
    throw new Problem('filter_not_found', 'There is no such filter. Remove it.');
}
