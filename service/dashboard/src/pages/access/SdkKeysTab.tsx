import { ActionIcon, Badge, Group, Menu, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDots, IconKey, IconPlus, IconRefresh } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type KeyState, keyState, type SdkKey, sdkKeysQuery } from '../../access.js';
import { api, data } from '../../api.js';
import { ConfirmDialog } from '../../components/ConfirmDialog.js';
import { FormDialog } from '../../components/FormDialog.js';
import { RelativeTime } from '../../components/RelativeTime.js';
import { Secret } from '../../components/Secret.js';
import { EmptyState, ErrorState, LoadingRows } from '../../components/States.js';
import { VirtualList } from '../../components/VirtualList.js';
import { WriteButton } from '../../components/WriteButton.js';
import { type Connection, connectionsQuery, serverName } from '../../connections.js';
import { list } from '../../describe.js';
import { useEnvironmentName } from '../../environments.js';
import { useAdminReason } from '../../rights.js';
import classes from './access.module.css';
import { RotateKey } from './RotateKey.js';
import { LastUse, SecretName } from './SecretCells.js';

const STATES: Record<KeyState, { color: string; label: string }> = {
  active: { color: 'teal', label: 'works' },
  expiring: { color: 'orange', label: 'expires' },
  expired: { color: 'gray', label: 'expired' },
};

export function SdkKeysTab({ environment }: { environment: string }) {
  const { data: keys, error, refetch } = useQuery(sdkKeysQuery(environment));
  const { data: connected } = useQuery(connectionsQuery(environment));
  const [isCreating, setCreating] = useState(false);
  const [rotating, rotate] = useState<SdkKey>();
  const reason = useAdminReason();
  const place = useEnvironmentName(environment);
  const create = (
    <WriteButton
      w="fit-content"
      reason={reason}
      leftSection={<IconPlus size={16} aria-hidden />}
      onClick={() => setCreating(true)}
    >
      New SDK key
    </WriteButton>
  );
  return (
    <Stack gap="sm">
      <Group gap="sm">
        {create}
        <Text size="sm" c="dimmed">
          Servers of {place} prove themselves with one of these. The other environments have their own.
        </Text>
      </Group>
      {error && <ErrorState error={error} retry={() => void refetch()} />}
      {keys === undefined && !error && <LoadingRows rows={3} height={64} />}
      {keys?.length === 0 && (
        <EmptyState icon={IconKey} title="No SDK key">
          No server can connect to this environment. Make a key and give it to your servers.
        </EmptyState>
      )}
      {keys && keys.length > 0 && (
        <VirtualList label="SDK keys" rows={keys} keyOf={({ id }) => id} estimate={64}>
          {(key) => (
            <Row
              sdkKey={key}
              reason={reason}
              users={connected?.connections.filter(({ sdkKeyId }) => sdkKeyId === key.id)}
              onRotate={() => rotate(key)}
            />
          )}
        </VirtualList>
      )}
      <CreateKey environment={environment} opened={isCreating} onClose={() => setCreating(false)} />
      {rotating && <RotateKey environment={environment} old={rotating} onClose={() => rotate(undefined)} />}
    </Stack>
  );
}

function Row(props: {
  sdkKey: SdkKey;
  users: readonly Connection[] | undefined;
  reason: string | undefined;
  onRotate: () => void;
}) {
  const { sdkKey, users, reason, onRotate } = props;
  const { name, hint, createdAt, createdBy, expiresAt, lastUsedAt } = sdkKey;
  const state = keyState(sdkKey, Date.now());
  return (
    <div className={classes.row}>
      <SecretName name={name} hint={hint} createdAt={createdAt} createdBy={createdBy} />
      <div className={classes.cell}>
        <Text size="sm" truncate title={users?.map(serverName).join(', ')}>
          {users === undefined ? ' ' : usersLabel(users)}
        </Text>
        <LastUse at={lastUsedAt} />
      </div>
      <Badge variant="dot" radius="sm" tt="none" fw={500} color={STATES[state].color}>
        {STATES[state].label} {expiresAt && state === 'expiring' && <RelativeTime at={expiresAt} />}
      </Badge>
      <div className={classes.actions}>
        {state !== 'expired' && (
          <WriteButton
            size="compact-sm"
            variant="default"
            reason={reason}
            aria-label={`Rotate ${name}`}
            leftSection={<IconRefresh size={14} aria-hidden />}
            onClick={onRotate}
          >
            Rotate
          </WriteButton>
        )}
        {reason === undefined && <More sdkKey={sdkKey} state={state} users={users ?? []} />}
      </div>
    </div>
  );
}

/** `3 servers: ams-1, fra-1 and iad-1`. */
function usersLabel(users: readonly Connection[]): string {
  if (users.length === 0) return 'no server connected';
  return `${users.length === 1 ? '1 server' : `${users.length} servers`}: ${list(users.map(serverName))}`;
}

function More({ sdkKey, state, users }: { sdkKey: SdkKey; state: KeyState; users: readonly Connection[] }) {
  const { environment, id, name } = sdkKey;
  const [asked, ask] = useState<'rename' | 'expire'>();
  const [text, setText] = useState(name);
  const queries = useQueryClient();
  const close = () => ask(undefined);
  const change = useMutation({
    mutationFn: (body: { name?: string; expiresAt?: string | null }) =>
      api.PATCH('/api/v1/environments/{env}/sdk-keys/{id}', { params: { path: { env: environment, id } }, body }),
    onSuccess: async () => {
      close();
      await queries.invalidateQueries({ queryKey: sdkKeysQuery(environment).queryKey });
    },
    onError: (error) => {
      if (asked === undefined) notifications.show({ color: 'red', title: name, message: error.message });
    },
  });
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`More for ${name}`}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => ask('rename')}>Rename …</Menu.Item>
          {state === 'expiring' && (
            <Menu.Item onClick={() => change.mutate({ expiresAt: null })}>Take the expiry back</Menu.Item>
          )}
          {state !== 'expired' && (
            <Menu.Item color="red" onClick={() => ask('expire')}>
              Expire now …
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <FormDialog
        opened={asked === 'rename'}
        onClose={close}
        title={`Rename ${name}`}
        verb="Rename"
        isPending={change.isPending}
        error={change.error}
        onSubmit={() => change.mutate({ name: text })}
      >
        <TextInput
          label="Name"
          required
          maxLength={256}
          data-autofocus
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      </FormDialog>
      <ConfirmDialog
        opened={asked === 'expire'}
        onClose={close}
        title={`Expire ${name} now?`}
        verb="Expire now"
        isDestructive
        {...(users.length > 0 && { typed: name })}
        isPending={change.isPending}
        error={change.error}
        onConfirm={() => change.mutate({ expiresAt: new Date().toISOString() })}
      >
        {users.length === 0
          ? 'No server is connected with it. Who still has it is refused from now on. This cannot be taken back.'
          : `${usersLabel(users)}. They are cut off at once, keep the values they have, and are refused until they get another key. This cannot be taken back. Rotate the key instead to lose nobody.`}
      </ConfirmDialog>
    </>
  );
}

function CreateKey({ environment, opened, onClose }: { environment: string; opened: boolean; onClose: () => void }) {
  const [name, setName] = useState('');
  const queries = useQueryClient();
  const create = useMutation({
    mutationFn: () => {
      const params = { path: { env: environment } };
      return data(api.POST('/api/v1/environments/{env}/sdk-keys', { params, body: { name } }));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: sdkKeysQuery(environment).queryKey }),
  });
  const close = () => {
    onClose();
    setName('');
    create.reset();
  };
  return (
    <FormDialog
      opened={opened}
      onClose={close}
      title="New SDK key"
      verb={create.data ? 'Done' : 'Make the key'}
      isPending={create.isPending}
      error={create.error}
      onSubmit={() => (create.data ? close() : create.mutate())}
    >
      {create.data ? (
        <Secret label="SDK key" value={create.data.secret}>
          <Text size="sm">
            Give it to your servers as FEATHERY_SDK_KEY. It is stored as a hash and cannot be had again.
          </Text>
        </Secret>
      ) : (
        <TextInput
          label="Name"
          description="Where it is used"
          placeholder="Web servers"
          required
          maxLength={256}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      )}
    </FormDialog>
  );
}
