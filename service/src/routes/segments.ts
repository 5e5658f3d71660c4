import { Type } from 'typebox';
import type { Routes } from '../app.js';
import type { EnvironmentDraft } from '../environment-draft.js';
import { NO_META } from '../environment-draft.js';
import { etagOf, expectedVersion } from '../etag.js';
import { describe, operate, type Patch, presentItem } from '../operations.js';
import { pageOf, readCursor } from '../paging.js';
import { Problem } from '../problems.js';
import {
  CommentQuery,
  IfMatch,
  MERGE_PATCH_TYPES,
  NewSegment,
  NextCursor,
  Page,
  Revision,
  type SegmentBody,
  SegmentItem,
  SegmentPatch,
} from '../schemas.js';

export const segmentRoutes: Routes = async (app, { parts }) => {
  const { changes, config, feed } = parts;

  app.get(
    '/environments/:env/segments',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listSegments',
        summary: 'The segments of an environment, in the order of their keys',
        tags: ['segments'],
        params: Type.Object({ env: Type.String() }),
        querystring: Type.Object({
          q: Type.Optional(Type.String({ maxLength: 256, description: 'Part of key, name or description' })),
          tag: Type.Optional(Type.String({ maxLength: 64 })),
          ...Page,
        }),
        response: {
          200: Type.Object({
            environment: Type.String(),
            revision: Revision,
            segments: Type.Array(SegmentItem),
            nextCursor: NextCursor,
          }),
        },
      },
    },
    async ({ params, query: { q = '', tag, limit, cursor } }) => {
      const { key, revision, segments, segmentMeta } = feed.environment(params.env);
      const after = readCursor(cursor) ?? '';
      const part = q.toLowerCase();
      const found = [...segments.values()]
        .map((segment) => describe(segment, segmentMeta.get(segment.key) ?? NO_META))
        .filter((segment) => segment.key > after && (tag === undefined || segment.tags.includes(tag)))
        .filter(({ key, name, description }) => `${key}\n${name}\n${description}`.toLowerCase().includes(part))
        .sort((a, b) => (a.key < b.key ? -1 : 1));
      const page = pageOf(found.slice(0, limit + 1), limit, (last) => last.key);
      return {
        environment: key,
        revision,
        segments: page.items as SegmentBody[],
        nextCursor: page.nextCursor,
      };
    },
  );

  app.post(
    '/environments/:env/segments',
    {
      config: { access: 'edit-environment' },
      schema: {
        operationId: 'createSegment',
        summary: 'Create a segment in an environment',
        tags: ['segments'],
        params: Type.Object({ env: Type.String() }),
        querystring: CommentQuery,
        body: NewSegment,
        response: { 201: SegmentAnswer },
      },
    },
    async ({ params: { env }, body, query, identity }, reply) => {
      const entry = { action: 'segment.create', actor: identity.actor, comment: query.comment ?? '' };
      const { key, ...patch } = body;
      const { result } = await changes.commit(entry, (draft) => {
        const environment = draft.environment(env);
        operate(environment, { op: 'create', kind: 'segment', key, patch: patch as Patch }, config.maxSegments);
        return answer(environment, key);
      });
      reply.code(201);
      reply.headers({ etag: etagOf(result.segment.version), location: `/api/v1/environments/${env}/segments/${key}` });
      return result;
    },
  );

  app.get(
    '/environments/:env/segments/:key',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getSegment',
        summary: 'A segment',
        tags: ['segments'],
        params: SegmentParams,
        response: { 200: SegmentAnswer },
      },
    },
    async ({ params: { env, key } }, reply) => {
      const environment = feed.environment(env);
      const segment = environment.segments.get(key);
      if (segment === undefined) throw new Problem('segment_not_found', `There is no segment "${key}" in ${env}.`);
      reply.header('etag', etagOf(segment.version));
      const described = describe(segment, environment.segmentMeta.get(key) ?? NO_META) as SegmentBody;
      return { environment: env, revision: environment.revision, segment: described };
    },
  );

  app.patch(
    '/environments/:env/segments/:key',
    {
      config: { access: 'edit-environment' },
      schema: {
        operationId: 'changeSegment',
        summary: 'Change a segment',
        description: 'A JSON merge patch: objects are merged, null takes a field away, lists are replaced.',
        tags: ['segments'],
        consumes: [...MERGE_PATCH_TYPES],
        params: SegmentParams,
        querystring: CommentQuery,
        headers: IfMatch,
        body: SegmentPatch,
        response: { 200: SegmentAnswer },
      },
    },
    async ({ params: { env, key }, body, query, headers, identity }, reply) => {
      const entry = { action: 'segment.change', actor: identity.actor, comment: query.comment ?? '' };
      const version = expectedVersion(headers['if-match']);
      const { result } = await changes.commit(entry, (draft) => {
        const environment = draft.environment(env);
        operate(environment, { op: 'patch', kind: 'segment', key, patch: body as Patch, version }, config.maxSegments);
        return answer(environment, key);
      });
      reply.header('etag', etagOf(result.segment.version));
      return result;
    },
  );

  app.delete(
    '/environments/:env/segments/:key',
    {
      config: { access: 'edit-environment' },
      schema: {
        operationId: 'deleteSegment',
        summary: 'Delete a segment',
        description: 'Refused while a rule refers to it.',
        tags: ['segments'],
        params: SegmentParams,
        querystring: CommentQuery,
        headers: IfMatch,
        response: { 204: Type.Null() },
      },
    },
    async ({ params: { env, key }, query, headers, identity }, reply) => {
      const entry = { action: 'segment.delete', actor: identity.actor, comment: query.comment ?? '' };
      const version = expectedVersion(headers['if-match']);
      await changes.commit(entry, (draft) =>
        operate(draft.environment(env), { op: 'delete', kind: 'segment', key, version }, config.maxSegments),
      );
      return reply.code(204).send(null);
    },
  );
};

const SegmentParams = Type.Object({ env: Type.String(), key: Type.String() });
const SegmentAnswer = Type.Object({ environment: Type.String(), revision: Revision, segment: SegmentItem });

function answer(draft: EnvironmentDraft, key: string) {
  return {
    environment: draft.environment.key,
    revision: draft.revision,
    segment: presentItem(draft, 'segment', key) as SegmentBody,
  };
}
