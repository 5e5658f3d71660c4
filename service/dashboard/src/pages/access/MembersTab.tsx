import { ActionIcon, Badge, Menu, Stack, Text, TextInput } from '@mantine/core';
import { IconDots, IconPlus, IconUsers } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { describeGrant, type Member, membersQuery } from '../../access.js';
import { api, data } from '../../api.js';
import { ConfirmDialog } from '../../components/ConfirmDialog.js';
import { FormDialog } from '../../components/FormDialog.js';
import { RelativeTime } from '../../components/RelativeTime.js';
import { Secret } from '../../components/Secret.js';
import { EmptyState, ErrorState, LoadingRows } from '../../components/States.js';
import { VirtualList } from '../../components/VirtualList.js';
import { WriteButton } from '../../components/WriteButton.js';
import { useAdminReason } from '../../rights.js';
import { useSession } from '../../session.js';
import classes from './access.module.css';
import { type Grant, GrantFields } from './GrantFields.js';

export function MembersTab() {
  const { data: members, error, refetch } = useQuery(membersQuery);
  const [isInviting, setInviting] = useState(false);
  const reason = useAdminReason();
  return (
    <Stack gap="sm">
      <WriteButton
        w="fit-content"
        reason={reason}
        leftSection={<IconPlus size={16} aria-hidden />}
        onClick={() => setInviting(true)}
      >
        Invite a member
      </WriteButton>
      {error && <ErrorState error={error} retry={() => void refetch()} />}
      {members === undefined && !error && <LoadingRows rows={4} height={60} />}
      {members?.length === 0 && (
        <EmptyState icon={IconUsers} title="No members">
          Only tokens have access. Invite somebody.
        </EmptyState>
      )}
      {members && members.length > 0 && (
        <VirtualList label="Members" rows={members} keyOf={({ id }) => id} estimate={60}>
          {(member) => <Row member={member} mayManage={reason === undefined} />}
        </VirtualList>
      )}
      <Invite opened={isInviting} onClose={() => setInviting(false)} />
    </Stack>
  );
}

function Row({ member, mayManage }: { member: Member; mayManage: boolean }) {
  const { email, name, active, lastSignInAt, createdAt } = member;
  const session = useSession();
  // Whoever came by a link without choosing a password has been here all the same.
  const hasBeenIn = active || lastSignInAt !== null;
  const isSelf = session.kind === 'member' && session.id === member.id;
  return (
    <div className={classes.row}>
      <div className={classes.cell}>
        <Text size="sm" fw={600} truncate>
          {name || email}
          {isSelf && (
            <Text span inherit c="dimmed" fw={400}>
              {' '}
              (you)
            </Text>
          )}
        </Text>
        <Text size="xs" c="dimmed" truncate>
          {email}
        </Text>
      </div>
      <div className={classes.cell}>
        <Text size="sm">{describeGrant(member)}</Text>
        <Text size="xs" c="dimmed">
          {lastSignInAt ? (
            <>
              signed in <RelativeTime at={lastSignInAt} />
            </>
          ) : (
            <>
              invited <RelativeTime at={createdAt} />
            </>
          )}
        </Text>
      </div>
      <Badge variant="dot" radius="sm" tt="none" fw={500} color={hasBeenIn ? 'teal' : 'yellow'}>
        {hasBeenIn ? 'active' : 'not in yet'}
      </Badge>
      <div className={classes.actions}>{mayManage && <More member={member} isSelf={isSelf} />}</div>
    </div>
  );
}

function More({ member, isSelf }: { member: Member; isSelf: boolean }) {
  const { id, email } = member;
  const name = member.name || email;
  const [asked, ask] = useState<'change' | 'link' | 'sessions' | 'remove'>();
  const [grant, setGrant] = useState<Grant>({ role: member.role, environments: member.environments });
  const queries = useQueryClient();
  const params = { path: { id } };
  const act = useMutation({
    mutationFn: async (what: 'change' | 'link' | 'sessions' | 'remove') => {
      if (what === 'change') await api.PATCH('/api/v1/members/{id}', { params, body: { ...grant } });
      if (what === 'sessions') await api.DELETE('/api/v1/members/{id}/sessions', { params });
      if (what === 'remove') await api.DELETE('/api/v1/members/{id}', { params });
      return what === 'link' ? data(api.POST('/api/v1/members/{id}/link', { params })) : undefined;
    },
    onSuccess: (link) => {
      if (link === undefined) ask(undefined);
      return queries.invalidateQueries({ queryKey: membersQuery.queryKey });
    },
  });
  const open = (what: typeof asked) => {
    act.reset();
    setGrant({ role: member.role, environments: member.environments });
    ask(what);
  };
  const close = () => ask(undefined);
  const shared = { onClose: close, isPending: act.isPending, error: act.error };
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`More for ${name}`}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item disabled={isSelf} onClick={() => open('change')}>
            Change the role …
          </Menu.Item>
          <Menu.Item onClick={() => open('link')}>Link for a new password …</Menu.Item>
          <Menu.Item onClick={() => open('sessions')}>End all sessions …</Menu.Item>
          <Menu.Item color="red" disabled={isSelf} onClick={() => open('remove')}>
            Remove …
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <FormDialog
        {...shared}
        opened={asked === 'change'}
        title={`Role of ${name}`}
        verb="Change"
        onSubmit={() => act.mutate('change')}
      >
        <GrantFields grant={grant} onChange={setGrant} />
        <Text size="sm" c="dimmed">
          Counts from their next click on.
        </Text>
      </FormDialog>
      <FormDialog
        {...shared}
        opened={asked === 'link'}
        title={`A new password for ${name}`}
        verb={act.data ? 'Done' : 'Make the link'}
        onSubmit={() => (act.data ? close() : act.mutate('link'))}
      >
        {act.data ? (
          <Link path={act.data.path} />
        ) : (
          <Text size="sm">
            Makes a link that works once. Whoever opens it chooses the password of {email}; their sessions end then.
          </Text>
        )}
      </FormDialog>
      <ConfirmDialog
        {...shared}
        opened={asked === 'sessions'}
        title={`End all sessions of ${name}?`}
        verb="End them"
        onConfirm={() => act.mutate('sessions')}
      >
        They have to sign in again on every device. Their password stays.
      </ConfirmDialog>
      <ConfirmDialog
        {...shared}
        opened={asked === 'remove'}
        title={`Remove ${name}?`}
        verb="Remove"
        isDestructive
        typed={email}
        onConfirm={() => act.mutate('remove')}
      >
        They are signed out at once. What they did stays in the activity, and their tokens work on.
      </ConfirmDialog>
    </>
  );
}

function Link({ path }: { path: string }) {
  return (
    <Secret label="One-time link" value={`${window.location.origin}${path}`}>
      <Text size="sm">Pass it on yourself: Feathery sends no e-mail. It works once.</Text>
    </Secret>
  );
}

const VIEWER: Grant = { role: 'viewer', environments: null };

function Invite({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [grant, setGrant] = useState<Grant>(VIEWER);
  const queries = useQueryClient();
  const invite = useMutation({
    mutationFn: () => data(api.POST('/api/v1/members', { body: { email, name, ...grant } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: membersQuery.queryKey }),
  });
  const close = () => {
    onClose();
    setEmail('');
    setName('');
    setGrant(VIEWER);
    invite.reset();
  };
  return (
    <FormDialog
      opened={opened}
      onClose={close}
      title="Invite a member"
      verb={invite.data ? 'Done' : 'Invite'}
      isPending={invite.isPending}
      error={invite.error}
      onSubmit={() => (invite.data ? close() : invite.mutate())}
    >
      {invite.data ? (
        <Link path={invite.data.link.path} />
      ) : (
        <>
          <TextInput
            label="E-mail"
            type="email"
            required
            data-autofocus
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <TextInput
            label="Name"
            maxLength={256}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <GrantFields grant={grant} onChange={setGrant} />
        </>
      )}
    </FormDialog>
  );
}
