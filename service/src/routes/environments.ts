import { Type } from 'typebox';
import type { Routes } from '../app.js';
import type { EnvironmentData } from '../environment-data.js';
import { CLOSED, Key, Name, Revision, Time } from '../schemas.js';
import { isoTime } from '../time.js';

export const environmentRoutes: Routes = async (app, { parts }) => {
  const { environments, feed } = parts;

  app.get(
    '/environments',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listEnvironments',
        summary: 'All environments, oldest first',
        tags: ['environments'],
        response: { 200: Type.Object({ environments: Type.Array(EnvironmentSchema) }) },
      },
    },
    async () => ({ environments: [...feed.environments.values()].map(environmentBody) }),
  );

  app.post(
    '/environments',
    {
      config: { access: 'manage-environments' },
      schema: {
        operationId: 'createEnvironment',
        summary: 'Create an environment with every setting in it',
        description: 'With `copyFrom` everything is as it is there, segments included; without, every setting is off.',
        tags: ['environments'],
        body: Type.Object({ key: Key, name: Type.Optional(Name), copyFrom: Type.Optional(Key) }, CLOSED),
        response: { 201: EnvironmentSchema },
      },
    },
    async ({ body: { key, name = key, copyFrom }, identity }, reply) => {
      const environment = await environments.create({ key, name, copyFrom }, identity.actor);
      reply.code(201).header('location', `/api/v1/environments/${key}`);
      return environmentBody(environment);
    },
  );

  app.get(
    '/environments/:env',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getEnvironment',
        summary: 'An environment',
        tags: ['environments'],
        params: EnvironmentParams,
        response: { 200: EnvironmentSchema },
      },
    },
    async ({ params }) => environmentBody(feed.environment(params.env)),
  );

  app.patch(
    '/environments/:env',
    {
      config: { access: 'manage-environments' },
      schema: {
        operationId: 'renameEnvironment',
        summary: 'Rename an environment; its key stays',
        tags: ['environments'],
        params: EnvironmentParams,
        body: Type.Object({ name: Name }, CLOSED),
        response: { 200: EnvironmentSchema },
      },
    },
    async ({ params, body, identity }) =>
      environmentBody(await environments.rename(params.env, body.name, identity.actor)),
  );

  app.delete(
    '/environments/:env',
    {
      config: { access: 'manage-environments' },
      schema: {
        operationId: 'deleteEnvironment',
        summary: 'Delete an environment with its SDK keys and all it holds',
        tags: ['environments'],
        params: EnvironmentParams,
        response: { 204: Type.Null() },
      },
    },
    async ({ params, identity }, reply) => {
      await environments.delete(params.env, identity.actor);
      return reply.code(204).send(null);
    },
  );
};

const EnvironmentParams = Type.Object({ env: Type.String() });

const EnvironmentSchema = Type.Object({
  key: Type.String(),
  name: Type.String(),
  revision: Revision,
  createdAt: Time,
  settingCount: Type.Integer(),
  segmentCount: Type.Integer(),
});

function environmentBody(environment: EnvironmentData) {
  return {
    key: environment.key,
    name: environment.name,
    revision: environment.revision,
    createdAt: isoTime(environment.createdAt),
    settingCount: environment.settings.size,
    segmentCount: environment.segments.size,
  };
}
