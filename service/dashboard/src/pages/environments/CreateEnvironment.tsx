import { Select, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api.js';
import { FormDialog } from '../../components/FormDialog.js';
import { NamingFields, useNaming } from '../../components/NamingFields.js';
import { environmentsQuery } from '../../environments.js';
import type { Environment } from './EnvironmentRow.js';

interface CreateEnvironmentProps {
  environments: readonly Environment[];
  opened: boolean;
  onClose: () => void;
}

export function CreateEnvironment({ environments, opened, onClose }: CreateEnvironmentProps) {
  const naming = useNaming();
  const { name, key } = naming;
  const [copyFrom, setCopyFrom] = useState<string | null>(null);
  const queries = useQueryClient();
  const close = () => {
    onClose();
    naming.reset();
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
      <NamingFields naming={naming} example="Staging" purpose="Part of addresses." />
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
