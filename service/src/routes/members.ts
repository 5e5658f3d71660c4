import { type Static, Type } from 'typebox';
import type { Routes } from '../app.js';
import { checkGrant, EnvironmentsSchema, RoleSchema } from '../grants.js';
import { type IssuedLink, linkPath } from '../links.js';
import { CLOSED, Name, nullable, Time } from '../schemas.js';
import type { Member } from '../storage/members.js';
import { isoTime, isoTimeOrNull } from '../time.js';
import { Email, SessionList, sessionBody } from './session.js';

export const memberRoutes: Routes = async (app, { parts }) => {
  const { members, sessions } = parts.auth;

  app.get(
    '/members',
    {
      config: { access: 'read' },
      schema: { operationId: 'listMembers', summary: 'All members', tags: ['members'], response: { 200: MemberList } },
    },
    async () => ({ members: (await members.list()).map(memberBody) }),
  );

  app.post(
    '/members',
    {
      config: { access: 'manage-access' },
      schema: {
        operationId: 'inviteMember',
        summary: 'Add a member',
        description: 'Give the link to the person: by it they set a password and are signed in.',
        tags: ['members'],
        body: NewMember,
        response: { 201: Invitation },
      },
    },
    async ({ body, identity }, reply) => {
      const { email, name = '', role, environments = null } = body;
      const wish = { email, name, ...checkGrant({ role, environments }, parts.feed) };
      const { member, link } = await members.invite(wish, identity.actor);
      reply.code(201);
      return { member: memberBody(member), link: linkBody(link) };
    },
  );

  app.get(
    '/members/:id',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getMember',
        summary: 'One member',
        tags: ['members'],
        params: MemberId,
        response: { 200: MemberSchema },
      },
    },
    async ({ params }) => memberBody(await members.read(params.id)),
  );

  app.patch(
    '/members/:id',
    {
      config: { access: 'manage-access' },
      schema: {
        operationId: 'changeMember',
        summary: "Change a member's name, role or environments",
        tags: ['members'],
        params: MemberId,
        body: MemberChange,
        response: { 200: MemberSchema },
      },
    },
    async ({ params, body, identity }) => {
      const before = await members.read(params.id);
      const { name = before.name, role = before.role, environments = before.environments } = body;
      const change = { name, ...checkGrant({ role, environments }, parts.feed) };
      return memberBody(await members.change(params.id, change, identity.actor));
    },
  );

  app.delete(
    '/members/:id',
    {
      config: { access: 'manage-access' },
      schema: {
        operationId: 'removeMember',
        summary: 'Remove a member; all sessions of it end',
        tags: ['members'],
        params: MemberId,
        response: { 204: Type.Null() },
      },
    },
    async ({ params, identity }, reply) => {
      await members.remove(params.id, identity.actor);
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/members/:id/link',
    {
      config: { access: 'manage-access' },
      schema: {
        operationId: 'issuePasswordLink',
        summary: 'Make a one-time link by which a member sets a new password',
        tags: ['members'],
        params: MemberId,
        response: { 201: LinkSchema },
      },
    },
    async ({ params, identity }, reply) => {
      reply.code(201);
      return linkBody(await members.issuePasswordLink(params.id, identity.actor));
    },
  );

  app.get(
    '/members/:id/sessions',
    {
      config: { access: 'manage-access' },
      schema: {
        operationId: 'listMemberSessions',
        summary: 'The sessions of a member',
        tags: ['members'],
        params: MemberId,
        response: { 200: SessionList },
      },
    },
    async ({ params, identity }) => {
      const { id } = await members.read(params.id);
      return { sessions: (await sessions.list(id)).map((session) => sessionBody(session, identity.sessionId)) };
    },
  );

  app.delete(
    '/members/:id/sessions',
    {
      config: { access: 'manage-access' },
      schema: {
        operationId: 'endMemberSessions',
        summary: 'End all sessions of a member',
        tags: ['members'],
        params: MemberId,
        response: { 204: Type.Null() },
      },
    },
    async ({ params, identity }, reply) => {
      await members.endSessions(params.id, identity.actor);
      return reply.code(204).send(null);
    },
  );
};

const MemberId = Type.Object({ id: Type.String() });

const NewMember = Type.Object(
  { email: Email, name: Type.Optional(Name), role: RoleSchema, environments: Type.Optional(EnvironmentsSchema) },
  CLOSED,
);
const MemberChange = Type.Object(
  { name: Type.Optional(Name), role: Type.Optional(RoleSchema), environments: Type.Optional(EnvironmentsSchema) },
  CLOSED,
);

const MemberSchema = Type.Object({
  id: Type.String(),
  email: Type.String(),
  name: Type.String(),
  role: RoleSchema,
  environments: EnvironmentsSchema,
  active: Type.Boolean({ description: 'Has set a password' }),
  createdAt: Time,
  lastSignInAt: nullable(Time),
});
const MemberList = Type.Object({ members: Type.Array(MemberSchema) });

const LinkSchema = Type.Object({
  path: Type.String({ description: "To be put behind the dashboard's address. Shown this once." }),
  expiresAt: Time,
});
const Invitation = Type.Object({ member: MemberSchema, link: LinkSchema });

function memberBody({ createdAt, lastSignInAt, ...member }: Member): Static<typeof MemberSchema> {
  return { ...member, createdAt: isoTime(createdAt), lastSignInAt: isoTimeOrNull(lastSignInAt) };
}

function linkBody(link: IssuedLink): Static<typeof LinkSchema> {
  return { path: linkPath(link), expiresAt: isoTime(link.expiresAt) };
}
