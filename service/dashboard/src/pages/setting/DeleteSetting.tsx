import { Alert, Button, Code, Group, List, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiError, api } from '../../api.js';
import { list } from '../../describe.js';
import type { Definition } from '../../settings.js';

interface DeleteSettingProps {
  environment: string;
  definition: Definition;
  opened: boolean;
  onClose: () => void;
}

/** Asks for the key where it is on: what asks for it then gets the caller's default. */
export function DeleteSetting(props: DeleteSettingProps) {
  const { environment, definition, opened, onClose } = props;
  const { key, name, environments } = definition;
  const [typed, type] = useState('');
  const queries = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => api.DELETE('/api/v1/settings/{key}', { params: { path: { key } } }),
    onSuccess: async () => {
      onClose();
      await navigate({ to: '/$env/settings', params: { env: environment } });
      await queries.invalidateQueries({ queryKey: [environment] });
    },
  });
  const isOn = Object.keys(environments).filter((one) => environments[one]?.on);
  return (
    <Modal opened={opened} onClose={onClose} title={`Delete ${name}?`}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (typed === key) remove.mutate();
        }}
      >
        <Stack gap="md">
          <Text size="sm">
            It is deleted in every environment at once. Servers that ask for <Code>{key}</Code> then get the default
            value in their code.
          </Text>
          {isOn.length > 0 && (
            <Alert color="red" variant="light">
              It is on in {list(isOn)}.
            </Alert>
          )}
          {remove.error && <WhyNot error={remove.error} />}
          <TextInput
            label={`Type ${key} to delete it`}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
            value={typed}
            onChange={(event) => type(event.currentTarget.value)}
          />
          <Text size="xs" c="dimmed">
            The activity keeps it, and can bring it back.
          </Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" color="red.8" disabled={typed !== key} loading={remove.isPending}>
              Delete everywhere
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function WhyNot({ error }: { error: Error }) {
  const needs = error instanceof ApiError ? error.members.neededBy : undefined;
  const neededBy = (needs ?? []) as { environment: string; kind: string; key: string }[];
  return (
    <Alert color="red" variant="light" role="alert" title="It was not deleted">
      {error.message}
      {neededBy.length > 0 && (
        <List size="sm" mt={4}>
          {neededBy.map(({ environment, kind, key }) => (
            <List.Item key={`${environment} ${kind} ${key}`}>
              {kind} {key} in {environment}
            </List.Item>
          ))}
        </List>
      )}
    </Alert>
  );
}
