import { setImmediate as nextTurn } from 'node:timers/promises';
import { Type } from 'typebox';
import type { Routes } from '../app.js';
import { EvaluationSeries, type SettingSeries } from '../evaluation-series.js';
import { Problem } from '../problems.js';
import { nullable, Time } from '../schemas.js';
import { PERIODS_MS, periodOf, type Resolution, readCustomEvents, readEvaluations } from '../storage/analytics.js';
import { isoTime } from '../time.js';

const DAY_MS = PERIODS_MS.day;
/** Points of one series. */
const MAX_PERIODS = 1500;
/** Rows read for one answer. */
const MAX_ROWS = 100_000;
const MAX_CUSTOM_EVENTS = 1000;
/** Put into the answer in one go: 2 to 5 ms' work. */
const POINTS_PER_TURN = 2000;

export const analyticsRoutes: Routes = async (app, { parts }) => {
  const { database, now } = parts;

  app.get(
    '/environments/:env/analytics',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getAnalytics',
        summary: 'Evaluations per setting and variation over time, and custom events',
        description:
          'Counts are kept per minute, hour and day of UTC. Periods that begin before `from` or reach beyond `to` are ' +
          'counted whole. Without `resolution` it is chosen by the length of the time asked for.',
        tags: ['analytics'],
        params: Type.Object({ env: Type.String() }),
        querystring: Type.Object({
          setting: Type.Optional(Type.String()),
          from: Type.Optional(Type.String({ description: 'ISO 8601; a day before `to` unless given' })),
          to: Type.Optional(Type.String({ description: 'ISO 8601; now unless given' })),
          resolution: Type.Optional(ResolutionName),
        }),
        response: {
          200: { description: 'Counts', content: { 'application/json': { schema: Analytics } } },
        },
      },
    },
    async ({ params, query }, reply) => {
      const { key: environment } = parts.feed.environment(params.env);
      const to = timeOf(query.to, 'to') ?? now();
      const from = timeOf(query.from, 'from') ?? to - DAY_MS;
      if (from >= to) throw new Problem('invalid_request', 'The query has a "from" that is not before its "to".');
      const resolution = query.resolution ?? resolutionFor(to - from);
      const range = { environment, resolution, from: periodOf(from, resolution), to };
      if ((to - from) / PERIODS_MS[resolution] > MAX_PERIODS) {
        throw new Problem(
          'invalid_request',
          `That are more than ${MAX_PERIODS} periods. Ask for less, or coarser ones.`,
        );
      }
      const series = new EvaluationSeries();
      let rows = 0;
      for await (const page of readEvaluations(database, range, query.setting)) {
        rows += page.length;
        if (rows > MAX_ROWS) {
          throw new Problem(
            'invalid_request',
            'That is too much for one answer. Name a setting, or ask for coarser periods.',
          );
        }
        series.add(page);
      }
      const customEvents = await readCustomEvents(database, range, MAX_CUSTOM_EVENTS);
      const rest = JSON.stringify({ from: isoTime(range.from), to: isoTime(to), resolution, customEvents });
      const settings = await listText(series.told());
      return reply.type('application/json; charset=utf-8').send(`{"settings":${settings},${rest.slice(1)}` as never);
    },
  );
};

const ResolutionName = Type.Union([Type.Literal('minute'), Type.Literal('hour'), Type.Literal('day')]);

const SettingAnalytics = Type.Object({
  key: Type.String(),
  total: Type.Integer(),
  byVariation: Type.Array(
    Type.Object({
      variation: nullable(Type.Integer({ description: "Null: the caller's default value was served" })),
      count: Type.Integer(),
    }),
  ),
  byVersion: Type.Array(
    Type.Object({
      version: nullable(Type.Integer({ description: 'Null: the setting was not known' })),
      count: Type.Integer(),
    }),
  ),
  series: Type.Array(
    Type.Object({
      start: Time,
      counts: Type.Record(Type.String(), Type.Integer(), { description: 'By index of the variation, or `default`' }),
    }),
  ),
});

const Analytics = Type.Object({
  from: Time,
  to: Time,
  resolution: ResolutionName,
  settings: Type.Array(SettingAnalytics),
  customEvents: Type.Array(
    Type.Object({
      key: Type.String(),
      count: Type.Integer(),
      sum: Type.Number({ description: 'Of the metric values that came along' }),
    }),
  ),
});

/** Sixty points at least, where the data goes back far enough. */
function resolutionFor(spanMs: number): Resolution {
  if (spanMs <= 6 * PERIODS_MS.hour) return 'minute';
  return spanMs <= 14 * DAY_MS ? 'hour' : 'day';
}

function timeOf(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw new Problem('invalid_request', `"${name}" must be a time like 2030-01-31T12:00:00Z.`);
  return time;
}

/** JSON of a list, made a part at a time: others get their turn in between. */
async function listText(items: Iterable<SettingSeries>): Promise<string> {
  const texts: string[] = [];
  let points = 0;
  for (const item of items) {
    texts.push(JSON.stringify(item));
    points += 1 + item.series.length;
    if (points < POINTS_PER_TURN) continue;
    points = 0;
    await nextTurn();
  }
  return `[${texts.join(',')}]`;
}
