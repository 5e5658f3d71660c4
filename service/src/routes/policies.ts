import { type Static, Type } from 'typebox';
import type { Routes } from '../app.js';
import { CLOSED, nullable, Time } from '../schemas.js';
import type { EnvironmentPolicy } from '../storage/environment-policies.js';
import { isoTime } from '../time.js';

export const policyRoutes: Routes = async (app, { parts }) => {
  const { feed, policies } = parts;

  app.get(
    '/environments/:env/policy',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getPolicy',
        summary: 'Whether an environment is frozen or asks for approvals',
        tags: ['environments'],
        params: EnvironmentParams,
        response: { 200: PolicySchema },
      },
    },
    async ({ params }) => policyBody(await policies.read(feed.environment(params.env).key)),
  );

  app.put(
    '/environments/:env/freeze',
    {
      config: { access: 'edit-environment' },
      schema: {
        operationId: 'freezeEnvironment',
        summary: 'Make an environment read-only',
        description: 'Whoever may change it may freeze it; only an admin ends the freeze.',
        tags: ['environments'],
        params: EnvironmentParams,
        body: Type.Object({ reason: Type.String({ minLength: 1, maxLength: 1024 }) }, CLOSED),
        response: { 200: PolicySchema },
      },
    },
    async ({ params, body, identity }) => policyBody(await policies.freeze(params.env, body.reason, identity.actor)),
  );

  app.delete(
    '/environments/:env/freeze',
    {
      config: { access: 'manage-environments' },
      schema: {
        operationId: 'unfreezeEnvironment',
        summary: 'Let changes through again',
        tags: ['environments'],
        params: EnvironmentParams,
        response: { 200: PolicySchema },
      },
    },
    async ({ params, identity }) => policyBody(await policies.unfreeze(params.env, identity.actor)),
  );

  app.put(
    '/environments/:env/approval',
    {
      config: { access: 'manage-environments' },
      schema: {
        operationId: 'requireApproval',
        summary: 'Say whether changes need the approval of a second member',
        tags: ['environments'],
        params: EnvironmentParams,
        body: Type.Object({ required: Type.Boolean() }, CLOSED),
        response: { 200: PolicySchema },
      },
    },
    async ({ params, body, identity }) =>
      policyBody(await policies.requireApproval(params.env, body.required, identity.actor)),
  );
};

const EnvironmentParams = Type.Object({ env: Type.String() });

const PolicySchema = Type.Object({
  frozen: nullable(Type.Object({ reason: Type.String(), by: Type.String(), at: Time })),
  requiresApproval: Type.Boolean(),
});

function policyBody({ frozen, requiresApproval }: EnvironmentPolicy): Static<typeof PolicySchema> {
  return {
    frozen: frozen && { reason: frozen.reason, by: frozen.by.name, at: isoTime(frozen.at) },
    requiresApproval,
  };
}
