import { Select, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api.js';
import { FormDialog } from '../../components/FormDialog.js';
import { environmentsQuery } from '../../environments.js';
import { KEY_PATTERN, keyOf } from '../../keys.js';
import type { Environment } from './EnvironmentRow.js';

interface CreateEnvironmentProps {
  environments: readonly Environment[];
  opened: boolean;
  onClose: () => void;
}

export function CreateEnvironment({ environments, opened, onClose }: CreateEnvironmentProps) {
  const [name, setName] = useState('');
  const [typedKey, setTypedKey] = useState<string>();
  const [copyFrom, setCopyFrom] = useState<string | null>(null);
  const queries = useQueryClient();
  const key = typedKey ?? keyOf(name);
  const close = () => {
    onClose();
    setName('');
    setTypedKey(undefined);
    create.reset();
  };
  const create = useMutation({
    mutationFn: () =>
      api.POST('/api/v1/environments', { body: { key, name: name || key, ...(copyFrom !== null && { copyFrom }) } }),
    onSuccess: async () => {
      close();
      await queries.invalidateQueries({ queryKey: environmentsQuery.queryKey });
    },
  });
  return (
    <FormDialog
      opened={opened}
      onClose={close}
      title="New environment"
      verb="Create"
      canSubmit={key !== ''}
      isPending={create.isPending}
      error={create.error}
      onSubmit={() => create.mutate()}
    >
      <TextInput
        label="Name"
        placeholder="Staging"
        maxLength={256}
        data-autofocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        label="Key"
        description="Part of addresses. It cannot be changed later."
        required
        pattern={KEY_PATTERN}
        maxLength={256}
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        value={key}
        onChange={(event) => setTypedKey(event.currentTarget.value)}
      />
      <Select
        label="Begin with"
        clearable
        placeholder="Every setting off, no segments"
        data={environments.map((environment) => ({ value: environment.key, label: `What ${environment.name} serves` }))}
        value={copyFrom}
        onChange={setCopyFrom}
      />
      <Text size="sm" c="dimmed">
        It has no SDK key yet: make one under Access when servers are to connect.
      </Text>
    </FormDialog>
  );
}
