import { Select, Stack, Text, TextInput } from '@mantine/core';
import { IconKey, IconLock, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { describeGrant, type Token, tokensQuery } from '../../access.js';
import { api, data } from '../../api.js';
import { ConfirmDialog } from '../../components/ConfirmDialog.js';
import { FormDialog } from '../../components/FormDialog.js';
import { RelativeTime } from '../../components/RelativeTime.js';
import { Secret } from '../../components/Secret.js';
import { EmptyState, ErrorState, LoadingRows } from '../../components/States.js';
import { VirtualList } from '../../components/VirtualList.js';
import { WriteButton } from '../../components/WriteButton.js';
import { useAdminReason } from '../../rights.js';
import classes from './access.module.css';
import { type Grant, GrantFields } from './GrantFields.js';
import { LastUse, SecretName } from './SecretCells.js';

const DAY_MS = 24 * 3_600_000;
const LIFETIMES = [
  { value: '30', label: 'in 30 days' },
  { value: '90', label: 'in 90 days' },
  { value: '365', label: 'in a year' },
  { value: '', label: 'never' },
];
const EDITOR: Grant = { role: 'editor', environments: null };

export function TokensTab() {
  const reason = useAdminReason();
  const { data: tokens, error, refetch } = useQuery({ ...tokensQuery, enabled: reason === undefined });
  const [isCreating, setCreating] = useState(false);
  const [ending, end] = useState<Token>();
  if (reason !== undefined) {
    return (
      <EmptyState icon={IconLock} title="Only admins see the tokens">
        Ask an admin if a program of yours needs one.
      </EmptyState>
    );
  }
  return (
    <Stack gap="sm">
      <WriteButton w="fit-content" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setCreating(true)}>
        New token
      </WriteButton>
      {error && <ErrorState error={error} retry={() => void refetch()} />}
      {tokens === undefined && !error && <LoadingRows rows={3} height={60} />}
      {tokens?.length === 0 && (
        <EmptyState icon={IconKey} title="No tokens">
          A token lets a program use the API, for example your deployments.
        </EmptyState>
      )}
      {tokens && tokens.length > 0 && (
        <VirtualList label="API tokens" rows={tokens} keyOf={({ id }) => id} estimate={60}>
          {(token) => <Row token={token} onEnd={() => end(token)} />}
        </VirtualList>
      )}
      <Create opened={isCreating} onClose={() => setCreating(false)} />
      {ending && <End token={ending} onClose={() => end(undefined)} />}
    </Stack>
  );
}

function Row({ token, onEnd }: { token: Token; onEnd: () => void }) {
  const { name, hint, createdAt, createdBy, expiresAt, lastUsedAt } = token;
  return (
    <div className={classes.row}>
      <SecretName name={name} hint={hint} createdAt={createdAt} createdBy={createdBy} />
      <div className={classes.cell}>
        <Text size="sm">{describeGrant(token)}</Text>
        <LastUse at={lastUsedAt} />
      </div>
      <Text size="sm" c="dimmed">
        {expiresAt ? (
          <>
            {Date.parse(expiresAt) <= Date.now() ? 'expired' : 'expires'} <RelativeTime at={expiresAt} />
          </>
        ) : (
          'does not expire'
        )}
      </Text>
      <div className={classes.actions}>
        <WriteButton size="compact-sm" variant="default" aria-label={`End ${name}`} onClick={onEnd}>
          End
        </WriteButton>
      </div>
    </div>
  );
}

function Create({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [name, setName] = useState('');
  const [grant, setGrant] = useState<Grant>(EDITOR);
  const [days, setDays] = useState('90');
  const queries = useQueryClient();
  const create = useMutation({
    mutationFn: () => {
      const expiresAt = days === '' ? null : new Date(Date.now() + Number(days) * DAY_MS).toISOString();
      return data(api.POST('/api/v1/tokens', { body: { name, ...grant, expiresAt } }));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: tokensQuery.queryKey }),
  });
  const close = () => {
    onClose();
    setName('');
    setGrant(EDITOR);
    create.reset();
  };
  return (
    <FormDialog
      opened={opened}
      onClose={close}
      title="New API token"
      verb={create.data ? 'Done' : 'Make the token'}
      isPending={create.isPending}
      error={create.error}
      onSubmit={() => (create.data ? close() : create.mutate())}
    >
      {create.data ? (
        <Secret label="API token" value={create.data.secret}>
          <Text size="sm">Send it as “Authorization: Bearer …”. It is stored as a hash and cannot be had again.</Text>
        </Secret>
      ) : (
        <>
          <TextInput
            label="Name"
            description="What uses it"
            placeholder="Deployments"
            required
            maxLength={256}
            data-autofocus
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <GrantFields grant={grant} onChange={setGrant} />
          <Select
            label="Expires"
            allowDeselect={false}
            data={LIFETIMES}
            value={days}
            onChange={(value) => setDays(value ?? '')}
          />
        </>
      )}
    </FormDialog>
  );
}

function End({ token, onClose }: { token: Token; onClose: () => void }) {
  const queries = useQueryClient();
  const end = useMutation({
    mutationFn: () => api.DELETE('/api/v1/tokens/{id}', { params: { path: { id: token.id } } }),
    onSuccess: async () => {
      onClose();
      await queries.invalidateQueries({ queryKey: tokensQuery.queryKey });
    },
  });
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={`End the token ${token.name}?`}
      verb="End it"
      isDestructive
      isPending={end.isPending}
      error={end.error}
      onConfirm={() => end.mutate()}
    >
      Whatever uses it is refused from now on. This cannot be taken back.{' '}
      {token.lastUsedAt && (
        <>
          It was last used <RelativeTime at={token.lastUsedAt} />.
        </>
      )}
    </ConfirmDialog>
  );
}
