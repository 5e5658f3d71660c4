import { type Static, Type } from 'typebox';
import type { Routes } from '../app.js';
import { type AdminIdentity, requirePermission } from '../auth.js';
import { ChangesSchema, type RequestedChange, touchesDefinitions } from '../change-request.js';
import { CHANGE_SET_STATES, type ChangeSetState, possibleSteps } from '../change-set-steps.js';
import { isAuthor } from '../change-sets.js';
import { expectedVersion, isStale } from '../etag.js';
import { MAX_NAME_LENGTH } from '../limits.js';
import { pageOf, readCursor } from '../paging.js';
import { invalidBody, Problem } from '../problems.js';
import { AnyJson, CLOSED, Comment, IfMatch, NextCursor, nullable, Page, Time } from '../schemas.js';
import { type ChangeSet, listChangeSets } from '../storage/change-sets.js';
import { isoTime, isoTimeOrNull, parseTime } from '../time.js';

export const changeSetRoutes: Routes = async (app, { parts }) => {
  const { changeSets, database, feed, schedule } = parts;

  app.get(
    '/environments/:env/change-sets',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listChangeSets',
        summary: 'Drafts, what waits for approval, what is scheduled, and what became of them; newest first',
        tags: ['change-sets'],
        params: Type.Object({ env: Type.String() }),
        querystring: Type.Object({ state: Type.Optional(StateSchema), ...Page }),
        response: { 200: Type.Object({ changeSets: Type.Array(ChangeSetSchema), nextCursor: NextCursor }) },
      },
    },
    async ({ params, query: { state, limit, cursor } }) => {
      const { key } = feed.environment(params.env);
      const found = await listChangeSets(database, key, { state, after: readPosition(cursor), limit: limit + 1 });
      const { items, nextCursor } = pageOf(found, limit, ({ createdAt, id }) => `${createdAt}:${id}`);
      return { changeSets: items.map(changeSetBody), nextCursor };
    },
  );

  app.post(
    '/environments/:env/change-sets',
    {
      config: { access: 'edit-environment' },
      schema: {
        operationId: 'createChangeSet',
        summary: 'Keep changes as a draft',
        tags: ['change-sets'],
        params: Type.Object({ env: Type.String() }),
        body: Content,
        response: { 201: ChangeSetSchema },
      },
    },
    async ({ params, body, identity }, reply) => {
      requireReach(identity, body.changes);
      const created = await changeSets.create(feed.environment(params.env).key, body, identity.actor);
      reply.code(201).header('location', `/api/v1/environments/${params.env}/change-sets/${created.id}`);
      return changeSetBody(created);
    },
  );

  app.get(
    '/environments/:env/change-sets/:id',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getChangeSet',
        summary: 'One change set',
        tags: ['change-sets'],
        params: ChangeSetParams,
        response: { 200: ChangeSetSchema },
      },
    },
    async ({ params }) => changeSetBody(await changeSets.read(params.env, params.id)),
  );

  app.get(
    '/environments/:env/change-sets/:id/preview',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'previewChangeSet',
        summary: 'What it would change now: fields that differ, before and after',
        description: 'Answered with the problem that applying it would have, if it would have one.',
        tags: ['change-sets'],
        params: ChangeSetParams,
        response: { 200: Type.Object({ items: Type.Array(PreviewItem) }) },
      },
    },
    async ({ params }) => ({ items: [...(await changeSets.preview(await changeSets.read(params.env, params.id)))] }),
  );

  app.patch(
    '/environments/:env/change-sets/:id',
    {
      config: { access: 'edit-environment' },
      schema: {
        operationId: 'editChangeSet',
        summary: 'Rewrite a draft, or make one of what was rejected or has failed',
        description: 'Only its author can.',
        tags: ['change-sets'],
        params: ChangeSetParams,
        headers: IfMatch,
        body: Type.Partial(Content),
        response: { 200: ChangeSetSchema },
      },
    },
    async ({ params, body, headers, identity }) => {
      const before = await expected(params, headers);
      const content = { title: body.title ?? before.title, changes: body.changes ?? before.changes };
      requireReach(identity, content.changes);
      return changeSetBody(await changeSets.edit(before, content, identity.actor));
    },
  );

  app.delete(
    '/environments/:env/change-sets/:id',
    {
      config: { access: 'edit-environment' },
      schema: {
        operationId: 'deleteChangeSet',
        summary: 'Throw a change set away that has not been applied',
        description: 'Its author and admins can.',
        tags: ['change-sets'],
        params: ChangeSetParams,
        headers: IfMatch,
        response: { 204: Type.Null() },
      },
    },
    async ({ params, headers, identity }, reply) => {
      const before = await expected(params, headers);
      if (!isAuthor(before, identity.actor)) requirePermission(identity, 'manage-environments', params.env);
      await changeSets.delete(before, identity.actor);
      return reply.code(204).send(null);
    },
  );

  for (const approved of [true, false]) {
    app.post(
      `/environments/:env/change-sets/:id/${approved ? 'approve' : 'reject'}`,
      {
        config: { access: 'approve' },
        schema: {
          operationId: approved ? 'approveChangeSet' : 'rejectChangeSet',
          summary: approved ? 'Approve it as it is' : 'Reject it',
          description: 'Another member than the author can. Send `If-Match` with the version you have looked at.',
          tags: ['change-sets'],
          params: ChangeSetParams,
          headers: IfMatch,
          body: Type.Optional(nullable(Type.Object({ comment: Type.Optional(Comment) }, CLOSED))),
          response: { 200: ChangeSetSchema },
        },
      },
      async ({ params, body, headers, identity }) => {
        const before = await expected(params, headers);
        requireReach(identity, before.changes);
        return changeSetBody(await changeSets.decide(before, approved, body?.comment ?? '', identity.actor));
      },
    );
  }

  app.post(
    '/environments/:env/change-sets/:id/schedule',
    {
      config: { access: 'edit-environment' },
      schema: {
        operationId: 'scheduleChangeSet',
        summary: 'Have it applied at a time',
        description: 'When it cannot be applied then, it is `failed` and says why.',
        tags: ['change-sets'],
        params: ChangeSetParams,
        headers: IfMatch,
        body: Type.Object({ at: Time }, CLOSED),
        response: { 200: ChangeSetSchema },
      },
    },
    async ({ params, body, headers, identity }) => {
      const at = parseTime(body.at, '/at');
      if (at <= parts.now()) throw invalidBody([{ pointer: '/at', detail: 'has passed' }]);
      const before = await expected(params, headers);
      requireReach(identity, before.changes);
      const scheduled = await changeSets.schedule(before, at, identity.actor);
      void schedule.check();
      return changeSetBody(scheduled);
    },
  );

  const steps = {
    submit: 'Ask another member for approval',
    withdraw: 'Make it a draft again: not submitted, approved or scheduled any more',
    apply: 'Apply it now, all or none, as one revision',
  } as const;
  for (const [step, summary] of Object.entries(steps) as [keyof typeof steps, string][]) {
    app.post(
      `/environments/:env/change-sets/:id/${step}`,
      {
        config: { access: 'edit-environment' },
        schema: {
          operationId: `${step}ChangeSet`,
          summary,
          tags: ['change-sets'],
          params: ChangeSetParams,
          headers: IfMatch,
          response: { 200: ChangeSetSchema },
        },
      },
      async ({ params, headers, identity }) => {
        const before = await expected(params, headers);
        requireReach(identity, before.changes);
        return changeSetBody(await changeSets[step](before, identity.actor));
      },
    );
  }

  /** The change set, at the version the request was made for. */
  async function expected(
    { env, id }: { env: string; id: string },
    headers: { 'if-match'?: string },
  ): Promise<ChangeSet> {
    const changeSet = await changeSets.read(env, id);
    if (!isStale(changeSet.version, expectedVersion(headers['if-match']))) return changeSet;
    throw new Problem('stale_version', `It is at version ${changeSet.version} by now. Look at it again.`, {
      members: { current: changeSetBody(changeSet) },
    });
  }
};

/** What a setting is in every environment is nothing for an editor of some of them. */
function requireReach(identity: AdminIdentity, changes: readonly RequestedChange[]): void {
  if (touchesDefinitions(changes)) requirePermission(identity, 'edit-settings');
}

const ChangeSetParams = Type.Object({ env: Type.String(), id: Type.String() });
const StateSchema = Type.Unsafe<ChangeSetState>({ type: 'string', enum: [...CHANGE_SET_STATES] });

const Content = Type.Object(
  { title: Type.String({ minLength: 1, maxLength: MAX_NAME_LENGTH }), changes: ChangesSchema },
  CLOSED,
);

const ChangeSetSchema = Type.Object({
  id: Type.String(),
  environment: Type.String(),
  version: Type.Integer({ description: 'For `If-Match`' }),
  state: StateSchema,
  steps: Type.Array(Type.String(), { description: 'What can be done to it now, by whoever may' }),
  title: Type.String(),
  changes: ChangesSchema,
  author: Type.Object({
    kind: Type.String({ enum: ['member', 'token', 'system'] }),
    id: Type.String(),
    name: Type.String(),
  }),
  decision: nullable(Type.Object({ approved: Type.Boolean(), by: Type.String(), at: Time, comment: Type.String() })),
  scheduledAt: nullable(Time),
  failure: nullable(Type.String({ description: 'Why it could not be applied at its time' })),
  auditId: nullable(Type.Integer({ description: 'The audit entry of its application, to revert it by' })),
  createdAt: Time,
  updatedAt: Time,
});

const PreviewItem = Type.Object({
  environment: nullable(Type.String()),
  kind: Type.String(),
  key: Type.String(),
  before: AnyJson,
  after: AnyJson,
});

function changeSetBody(changeSet: ChangeSet): Static<typeof ChangeSetSchema> {
  const { decision } = changeSet;
  return {
    ...changeSet,
    steps: possibleSteps(changeSet.state),
    changes: [...changeSet.changes],
    author: { kind: changeSet.author.kind, id: changeSet.author.id, name: changeSet.author.name },
    decision: decision && { ...decision, by: decision.by.name, at: isoTime(decision.at) },
    scheduledAt: isoTimeOrNull(changeSet.scheduledAt),
    createdAt: isoTime(changeSet.createdAt),
    updatedAt: isoTime(changeSet.updatedAt),
  };
}

function readPosition(cursor: string | undefined): { createdAt: number; id: string } | undefined {
  const position = readCursor(cursor);
  if (position === undefined) return undefined;
  const match = /^(\d{1,15}):(.+)$/.exec(position);
  if (match === null) throw new Problem('invalid_request', 'The cursor is not one of this service.');
  return { createdAt: Number(match[1]), id: match[2] as string };
}
