// What happens in an environment, as it happens. docs/live.md describes the events.
import { Type } from 'typebox';
import type { Routes } from '../app.js';
import { Problem } from '../problems.js';
import { EVENT_STREAM } from '../schemas.js';
import { openSink } from '../sink.js';

export const liveRoutes: Routes = async (app, { parts }) => {
  const { live } = parts.streaming;

  app.get(
    '/environments/:env/live',
    {
      exposeHeadRoute: false,
      config: { access: 'read' },
      schema: {
        operationId: 'watchLive',
        summary: 'Changes, how they land, connections and counts, as server-sent events',
        tags: ['connections'],
        params: Type.Object({ env: Type.String() }),
        response: { 200: EVENT_STREAM },
      },
    },
    async (request, reply) => {
      const { key } = parts.feed.environment(request.params.env);
      if (live.isFull(key)) {
        throw new Problem('busy', 'As many dashboards watch this environment as are allowed.', {
          headers: { 'retry-after': '10' },
        });
      }
      const { headers, ip, protocol } = request;
      const mayWatch = () => parts.auth.isStillAllowed({ headers, ip, protocol }, 'read', key);
      live.attach(key, openSink(request, reply), mayWatch);
    },
  );
};
