// Signing in and out, one-time links, one's own password and sessions.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import type { Routes } from '../app.js';
import { type AdminIdentity, CSRF_HEADER, requireCsrfHeader } from '../auth.js';
import { sessionCookie } from '../cookies.js';
import { EnvironmentsSchema, RoleSchema } from '../grants.js';
import { invalidBody, Problem } from '../problems.js';
import { CLOSED, Name, nullable, Time } from '../schemas.js';
import { type Origin, SESSION_LIFETIME_MS, type StartedSession } from '../sessions.js';
import type { Session } from '../storage/sessions.js';
import { isoTime } from '../time.js';

export const sessionRoutes: Routes = async (app, { parts }) => {
  const { members, sessions } = parts.auth;

  app.get(
    '/session',
    {
      config: { access: 'own-access' },
      schema: { operationId: 'getSession', summary: 'Who is asking', tags: ['session'], response: { 200: Identity } },
    },
    async ({ identity }) => identityBody(identity),
  );

  app.post(
    '/session',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'signIn',
        summary: 'Sign in with a password',
        description: `Sets the session cookie. Needs the header "${CSRF_HEADER}: 1", as every write with that cookie does.`,
        tags: ['session'],
        body: Credentials,
        response: { 201: Identity },
      },
    },
    async (request, reply) => {
      requireCsrfHeader(request);
      const { email, password } = request.body;
      return begin(request, reply, await sessions.signIn(email, password, originOf(request)));
    },
  );

  app.delete(
    '/session',
    {
      config: { access: 'own-access' },
      schema: {
        operationId: 'signOut',
        summary: 'End this session',
        tags: ['session'],
        response: { 204: Type.Null() },
      },
    },
    async ({ identity, protocol }, reply) => {
      const { member, sessionId } = requireSession(identity);
      await sessions.end(member, sessionId, identity.actor);
      return reply
        .header('set-cookie', sessionCookie('', 0, protocol === 'https'))
        .code(204)
        .send(null);
    },
  );

  app.post(
    '/session/link',
    {
      config: { access: 'public', problems: ['link_invalid'] },
      schema: {
        operationId: 'describeLink',
        summary: 'What a one-time link is for',
        description: 'The token is what follows `token=` in the address of the link.',
        tags: ['session'],
        body: LinkToken,
        response: { 200: LinkDescription },
      },
    },
    async (request) => {
      requireCsrfHeader(request);
      const link = await members.describeLink(request.body.token);
      return { ...link, expiresAt: isoTime(link.expiresAt) };
    },
  );

  app.post(
    '/session/link/use',
    {
      config: { access: 'public', problems: ['link_invalid'] },
      schema: {
        operationId: 'useLink',
        summary: 'Use a one-time link: become the first admin, set a password, or sign in',
        description: 'Sets the session cookie. Setting a password ends the sessions there were.',
        tags: ['session'],
        body: LinkUse,
        response: { 201: Identity },
      },
    },
    async (request, reply) => {
      requireCsrfHeader(request);
      const { token, ...use } = request.body;
      return begin(request, reply, await members.useLink(token, use, originOf(request)));
    },
  );

  app.put(
    '/session/password',
    {
      config: { access: 'own-access' },
      schema: {
        operationId: 'changePassword',
        summary: 'Change the own password; all other sessions end',
        tags: ['session'],
        body: Type.Object({ current: Type.String({ maxLength: MAX_PASSWORD_LENGTH }), new: Password }, CLOSED),
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { identity, body } = request;
      const { member, sessionId } = requireSession(identity);
      if (!(await sessions.confirm({ id: member, email: identity.actor.name }, body.current, originOf(request)))) {
        throw invalidBody([{ pointer: '/current', detail: 'is not the present password' }]);
      }
      await members.changePassword(member, body.new, sessionId, identity.actor);
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/sessions',
    {
      config: { access: 'own-access' },
      schema: {
        operationId: 'listSessions',
        summary: 'The own sessions',
        tags: ['session'],
        response: { 200: SessionList },
      },
    },
    async ({ identity }) => {
      const { member, sessionId } = requireSession(identity);
      return { sessions: (await sessions.list(member)).map((session) => sessionBody(session, sessionId)) };
    },
  );

  app.delete(
    '/sessions/:id',
    {
      config: { access: 'own-access' },
      schema: {
        operationId: 'endSession',
        summary: 'End one of the own sessions',
        tags: ['session'],
        params: Type.Object({ id: Type.String() }),
        response: { 204: Type.Null() },
      },
    },
    async ({ identity, params }, reply) => {
      const { member } = requireSession(identity);
      await sessions.end(member, params.id, identity.actor);
      return reply.code(204).send(null);
    },
  );
};

const MIN_PASSWORD_LENGTH = 12;
const MAX_PASSWORD_LENGTH = 256;
const MAX_EMAIL_LENGTH = 254;

export const Email = Type.String({ minLength: 3, maxLength: MAX_EMAIL_LENGTH, pattern: '^\\s*[^\\s@]+@[^\\s@]+\\s*$' });
const Password = Type.String({ minLength: MIN_PASSWORD_LENGTH, maxLength: MAX_PASSWORD_LENGTH });

const Credentials = Type.Object(
  { email: Type.String({ maxLength: MAX_EMAIL_LENGTH }), password: Type.String({ maxLength: MAX_PASSWORD_LENGTH }) },
  CLOSED,
);

const LinkToken = Type.Object({ token: Type.String({ maxLength: 256 }) }, CLOSED);
const LinkUse = Type.Object(
  {
    token: Type.String({ maxLength: 256 }),
    email: Type.Optional(Email),
    name: Type.Optional(Name),
    password: Type.Optional(Password),
  },
  CLOSED,
);
const LinkDescription = Type.Object({
  purpose: Type.Unsafe<'setup' | 'password' | 'sign-in'>({
    type: 'string',
    enum: ['setup', 'password', 'sign-in'],
    description: 'setup: needs email and password; password: needs password; sign-in: needs nothing',
  }),
  email: nullable(Type.String({ description: 'Whose link it is; null for setup' })),
  expiresAt: Time,
});

const Identity = Type.Object({
  kind: Type.Unsafe<'member' | 'token'>({ type: 'string', enum: ['member', 'token'] }),
  id: Type.String(),
  name: Type.String({ description: "A member's e-mail address or a token's name" }),
  role: RoleSchema,
  environments: EnvironmentsSchema,
});

export const SessionSchema = Type.Object({
  id: Type.String(),
  current: Type.Boolean({ description: 'The one that asks' }),
  createdAt: Time,
  expiresAt: Time,
  lastUsedAt: Time,
  address: Type.String(),
  userAgent: Type.String(),
});
export const SessionList = Type.Object({ sessions: Type.Array(SessionSchema) });

export function sessionBody(session: Session, currentId: string | null): Static<typeof SessionSchema> {
  return {
    id: session.id,
    current: session.id === currentId,
    createdAt: isoTime(session.createdAt),
    expiresAt: isoTime(session.expiresAt),
    lastUsedAt: isoTime(session.lastUsedAt),
    address: session.address,
    userAgent: session.userAgent,
  };
}

function identityBody({ actor, role, environments }: AdminIdentity): Static<typeof Identity> {
  return { kind: actor.kind as 'member' | 'token', id: actor.id, name: actor.name, role, environments };
}

function begin({ protocol }: FastifyRequest, reply: FastifyReply, { secret, session }: StartedSession) {
  reply.header('set-cookie', sessionCookie(secret, SESSION_LIFETIME_MS, protocol === 'https')).code(201);
  const { id, email, role, environments } = session.member;
  return { kind: 'member' as const, id, name: email, role, environments };
}

function requireSession({ actor, sessionId }: AdminIdentity): { member: string; sessionId: string } {
  if (sessionId === null) throw new Problem('not_allowed', 'A token has no session. Sign in as a member.');
  return { member: actor.id, sessionId };
}

function originOf({ ip, headers }: Pick<FastifyRequest, 'ip' | 'headers'>): Origin {
  return { address: ip, userAgent: headers['user-agent'] ?? '' };
}
