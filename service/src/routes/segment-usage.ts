import { Type } from 'typebox';
import type { Routes } from '../app.js';
import { segmentUsage } from '../segment-usage.js';

export const segmentUsageRoutes: Routes = async (app, { parts }) => {
  app.get(
    '/environments/:env/segment-usage',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listSegmentUsage',
        summary: 'Which settings and segments have a rule that asks for a segment',
        description: 'By the key of the segment; segments that nothing asks for are left out.',
        tags: ['segments'],
        params: Type.Object({ env: Type.String() }),
        response: { 200: Type.Object({ usage: Type.Record(Type.String(), Usage) }) },
      },
    },
    async ({ params }) => {
      const { settings, segments } = parts.feed.environment(params.env);
      return { usage: Object.fromEntries(segmentUsage(settings, segments)) };
    },
  );
};

const Keys = Type.Array(Type.String());
const Usage = Type.Object({ settings: Keys, segments: Keys });
