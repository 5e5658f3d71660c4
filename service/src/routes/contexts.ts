import type { Context, Json } from 'feathery-server-sdk/protocol';
import { type Static, Type } from 'typebox';
import type { Routes } from '../app.js';
import { Problem } from '../problems.js';
import { AnyJson, NextCursor, nullable, Page, Revision, Time } from '../schemas.js';
import { type SingledOut, singledOut } from '../singled-out.js';
import { listContexts, readContext, type StoredContext } from '../storage/contexts.js';
import { isoTime } from '../time.js';
import { withinTime } from '../time-limit.js';

export const contextRoutes: Routes = async (app, { parts }) => {
  const { database } = parts;

  app.get(
    '/environments/:env/contexts',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listContexts',
        summary: 'Users, organizations and other contexts seen, the latest first',
        tags: ['contexts'],
        params: Type.Object({ env: Type.String() }),
        querystring: Type.Object({
          kind: Type.Optional(Type.String()),
          q: Type.Optional(Type.String({ maxLength: 256, description: 'Part of key or name, in any case' })),
          ...Page,
        }),
        response: { 200: Type.Object({ contexts: Type.Array(SeenContext), nextCursor: NextCursor }) },
      },
    },
    async ({ params, query: { kind, q, limit = 100, cursor } }) => {
      const { key: environment } = parts.feed.environment(params.env);
      const after = cursor === undefined ? undefined : parseCursor(cursor);
      const found = await listContexts(database, { environment, kind, q, after, limit: limit + 1 });
      const contexts = found.slice(0, limit);
      const last = contexts.at(-1);
      return {
        contexts: contexts.map(contextBody),
        nextCursor: found.length > limit && last !== undefined ? formatCursor(last) : null,
      };
    },
  );

  app.get(
    '/environments/:env/contexts/:kind/:key',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getContext',
        summary: 'One user or organization, with every setting that singles it out',
        description:
          'Evaluated now, with the attributes last seen, together with the contexts it was last seen with. A setting is ' +
          'listed when a target, a rule or a split decides, or when someone unknown gets another variation.',
        tags: ['contexts'],
        params: Type.Object({ env: Type.String(), kind: Type.String(), key: Type.String() }),
        querystring: Type.Object({
          all: Type.Optional(Type.Boolean({ description: 'Every setting, also those that serve nothing of its own' })),
        }),
        response: { 200: ContextWithSettings },
      },
    },
    async ({ params: { env, kind, key }, query: { all = false } }): Promise<Static<typeof ContextWithSettings>> => {
      const { key: environment, store, revision } = parts.feed.environment(env);
      const seen = await readContext(database, environment, kind, key);
      if (seen === undefined) throw new Problem('context_not_found', `No ${kind} "${key}" has been seen here.`);
      const companions = await Promise.all(
        Object.entries(seen.companions).map(([otherKind, otherKey]) =>
          readContext(database, environment, otherKind, otherKey),
        ),
      );
      const context = contextOf([seen, ...companions.filter((companion) => companion !== undefined)]);
      const settings = withinTime(() => singledOut(store, context, { all })).map(settingBody);
      return { ...contextBody(seen), revision, settings };
    },
  );
};

const SeenContext = Type.Object({
  kind: Type.String(),
  key: Type.String(),
  name: nullable(Type.String()),
  attributes: Type.Record(Type.String(), AnyJson, { description: 'As last seen; private ones are never sent' }),
  companions: Type.Record(Type.String(), Type.String(), { description: 'What it was last seen with: kind to key' }),
  firstSeen: Time,
  lastSeen: Time,
});

const Served = Type.Object({ value: AnyJson, variationIndex: nullable(Type.Integer()) });

const SettingForContext = Type.Object({
  key: Type.String(),
  value: AnyJson,
  variationIndex: nullable(Type.Integer()),
  reason: Type.Object({ kind: Type.String() }, { additionalProperties: true }),
  usual: Type.Object(Served.properties, { description: 'What someone unknown gets' }),
});

const ContextWithSettings = Type.Object({
  ...SeenContext.properties,
  revision: Revision,
  settings: Type.Array(SettingForContext),
});

function contextBody({
  attributes,
  companions,
  firstSeen,
  lastSeen,
  ...rest
}: StoredContext): Static<typeof SeenContext> {
  return {
    ...rest,
    attributes: { ...attributes },
    companions: { ...companions },
    firstSeen: isoTime(firstSeen),
    lastSeen: isoTime(lastSeen),
  };
}

function settingBody({ key, detail, usual }: SingledOut): Static<typeof SettingForContext> {
  const { value, variationIndex, reason } = detail;
  return {
    key,
    value,
    variationIndex,
    reason: { ...reason },
    usual: { value: usual.value, variationIndex: usual.variationIndex },
  };
}

function contextOf(parts: readonly StoredContext[]): Context {
  const byKind = parts.map(({ kind, key, attributes }): [string, Json] => [kind, { ...(attributes as object), key }]);
  return { kind: 'multi', ...Object.fromEntries(byKind) } as Context;
}

/** A place in the list, which changes under the reader: the position itself and not a number of rows. */
function formatCursor({ lastSeen, kind, key }: StoredContext): string {
  return Buffer.from(JSON.stringify([lastSeen, kind, key])).toString('base64url');
}

function parseCursor(cursor: string): { lastSeen: number; kind: string; key: string } {
  try {
    const [lastSeen, kind, key] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Number.isSafeInteger(lastSeen) && typeof kind === 'string' && typeof key === 'string')
      return { lastSeen, kind, key };
  } catch {
    // Told below, like any other cursor that is none of ours.
  }
  throw new Problem('invalid_request', 'The cursor is not one that a page of this list gave.');
}
