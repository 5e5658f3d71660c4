import { type Static, Type } from 'typebox';
import type { Routes } from '../app.js';
import { requirePermission } from '../auth.js';
import { pageOf, readCursor } from '../paging.js';
import { Problem } from '../problems.js';
import { isRevertible, revert } from '../revert.js';
import { AnyJson, CLOSED, Comment, NextCursor, nullable, Page, Time } from '../schemas.js';
import { type AuditEntry, listAudit } from '../storage/audit.js';
import { isoTime, parseTime } from '../time.js';

/** Where the history of a setting stands: what it is, and what environments serve. */
const SETTING_KINDS = ['setting', 'definition'];

export const auditRoutes: Routes = async (app, { parts }) => {
  const { changes, database } = parts;

  app.get(
    '/audit',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listAudit',
        summary: 'Who changed what, newest first',
        tags: ['audit'],
        querystring: Type.Object({
          environment: Type.Optional(Type.String({ description: 'Only what concerns this environment' })),
          setting: Type.Optional(Type.String({ description: 'History of a setting, by its key' })),
          segment: Type.Optional(Type.String({ description: 'History of a segment, by its key' })),
          action: Type.Optional(Type.String()),
          from: Type.Optional(Time),
          to: Type.Optional(Time),
          ...Page,
        }),
        response: { 200: Type.Object({ entries: Type.Array(EntrySchema), nextCursor: NextCursor }) },
      },
    },
    async ({ query }) => {
      const { setting, segment, limit } = query;
      const found = await listAudit(database, {
        environment: query.environment,
        action: query.action,
        key: setting ?? segment,
        kinds: setting === undefined ? ['segment'] : SETTING_KINDS,
        from: query.from === undefined ? undefined : parseTime(query.from, '/from'),
        to: query.to === undefined ? undefined : parseTime(query.to, '/to'),
        olderThan: readId(readCursor(query.cursor)),
        limit: limit + 1,
      });
      const { items, nextCursor } = pageOf(found, limit, ({ id }) => String(id));
      return { entries: items.map(entryBody), nextCursor };
    },
  );

  app.get(
    '/audit/:id',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getAuditEntry',
        summary: 'One change',
        tags: ['audit'],
        params: EntryParams,
        response: { 200: EntrySchema },
      },
    },
    async ({ params }) => entryBody(await find(params.id)),
  );

  app.post(
    '/audit/:id/revert',
    {
      // What it takes depends on what the entry touched, and is asked for below.
      config: { access: 'read' },
      schema: {
        operationId: 'revert',
        summary: 'Take a change back, by a new change',
        description: 'Refused when a field it touched has been changed since.',
        tags: ['audit'],
        params: EntryParams,
        body: Type.Optional(nullable(Type.Object({ comment: Type.Optional(Comment) }, CLOSED))),
        response: { 200: EntrySchema },
      },
    },
    async ({ params, body, identity }) => {
      const before = await find(params.id);
      for (const environment of environmentsOf(before)) {
        requirePermission(identity, environment === undefined ? 'edit-settings' : 'edit-environment', environment);
      }
      const entry = {
        action: 'audit.revert',
        actor: identity.actor,
        comment: body?.comment ?? '',
        reverts: before.id,
      };
      const { auditId } = await changes.commit(entry, (draft) => revert(draft, before, parts.now()));
      if (auditId === undefined) throw new Problem('revert_conflict', 'Everything is as it was before this change.');
      return entryBody(await find(auditId));
    },
  );

  async function find(id: number): Promise<AuditEntry> {
    const [entry] = await listAudit(database, { id, limit: 1 });
    if (entry === undefined) throw new Problem('audit_entry_not_found', `There is no audit entry ${id}.`);
    return entry;
  }
};

const EntryParams = Type.Object({ id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) });

const EntrySchema = Type.Object({
  id: Type.Integer(),
  at: Time,
  actor: Type.Object({
    kind: Type.String({ enum: ['member', 'token', 'system'] }),
    id: Type.String(),
    name: Type.String(),
    address: nullable(Type.String()),
  }),
  action: Type.String(),
  environment: nullable(Type.String({ description: 'Null when it concerns none or several' })),
  revision: nullable(Type.Integer()),
  comment: Type.String(),
  reverts: nullable(Type.Integer({ description: 'The entry that this one takes back' })),
  revertible: Type.Boolean(),
  items: Type.Array(
    Type.Object({
      environment: nullable(Type.String()),
      kind: Type.String(),
      key: Type.String(),
      before: AnyJson,
      after: AnyJson,
    }),
    { description: 'Fields that differ, before and after; of what was created or deleted everything' },
  ),
});

function entryBody(entry: AuditEntry): Static<typeof EntrySchema> {
  return { ...entry, at: isoTime(entry.at), revertible: isRevertible(entry), items: [...entry.items] };
}

/** Undefined stands for all environments. */
function environmentsOf({ items }: AuditEntry): Set<string | undefined> {
  return new Set(items.map(({ environment }) => environment ?? undefined));
}

function readId(position: string | undefined): number | undefined {
  if (position === undefined) return undefined;
  if (!/^\d{1,15}$/.test(position)) throw new Problem('invalid_request', 'The cursor is not one of this service.');
  return Number(position);
}
