import {
  type Context,
  contextProblem,
  type Json,
  type StoreView,
  type TraceStep,
  trace,
} from 'feathery-server-sdk/protocol';
import { Type } from 'typebox';
import type { Routes } from '../app.js';
import { MAX_REVISIONS_BACK, storeAt } from '../past.js';
import { invalidBody } from '../problems.js';
import { AnyJson, CLOSED, nullable, Revision } from '../schemas.js';
import { withinTime } from '../time-limit.js';

export const evaluateRoutes: Routes = async (app, { parts }) => {
  app.post(
    '/environments/:env/evaluate',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'evaluate',
        summary: 'What a user or organization gets, and why',
        description:
          'By the same code as in the SDK. Nothing is counted. Without `settings`: all of them. With `revision`: as it ' +
          `was then, at most ${MAX_REVISIONS_BACK} revisions ago.`,
        tags: ['evaluate'],
        params: Type.Object({ env: Type.String() }),
        body: Type.Object(
          {
            context: Type.Unknown({ description: 'A user, an organization, or several kinds at once' }),
            settings: Type.Optional(Type.Array(Type.String(), { maxItems: MAX_KEYS })),
            revision: Type.Optional(nullable(Type.Integer({ minimum: 1 }))),
          },
          { ...CLOSED, required: ['context'] },
        ),
        response: { 200: Type.Object({ revision: Revision, results: Type.Record(Type.String(), Result) }) },
      },
    },
    async ({ params, body: { context, settings, revision: asked } }) => {
      const problem = contextProblem(context);
      if (problem !== undefined) throw invalidBody([{ pointer: '/context', detail: problem }]);
      const revision = asked ?? parts.feed.environment(params.env).revision;
      const store = await storeAt(parts, params.env, revision);
      const keys = settings ?? [...store.settingKeys()];
      const results = withinTime(() => keys.map((key) => [key, resultOf(store, key, context as Context)]));
      return { revision, results: Object.fromEntries(results) };
    },
  );
};

const MAX_KEYS = 1000;

interface ResultBody {
  value: Json;
  variationIndex: number | null;
  reason: { kind: string };
  trace: TraceStep[];
}

function resultOf(store: StoreView, key: string, context: Context): ResultBody {
  const setting = store.setting(key);
  if (setting === undefined) return UNKNOWN;
  const { detail, steps } = trace(store, setting, context);
  const { value, variationIndex, reason } = detail;
  return { value, variationIndex, reason: { ...reason }, trace: [...steps] };
}

/** As an SDK has it: no value of the setting's own, so the caller's default is served. */
const UNKNOWN: ResultBody = {
  value: null,
  variationIndex: null,
  reason: { kind: 'ERROR', errorKind: 'FLAG_NOT_FOUND' } as { kind: string },
  trace: [],
};

const Result = Type.Object({
  value: AnyJson,
  variationIndex: nullable(Type.Integer()),
  reason: Type.Object({ kind: Type.String() }, { additionalProperties: true }),
  trace: Type.Array(Type.Unsafe<TraceStep>({ type: 'object', additionalProperties: true }), {
    description: 'What was considered, in order; the last step served the value',
  }),
});
