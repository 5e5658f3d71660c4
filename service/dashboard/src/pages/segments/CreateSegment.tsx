import { Button, Group, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../../api.js';
import { Faults } from '../../components/Effects.js';
import { KEY_PATTERN, keyOf } from '../../keys.js';

interface CreateSegmentProps {
  environment: string;
  opened: boolean;
  onClose: () => void;
}

export function CreateSegment(props: CreateSegmentProps) {
  const { opened, onClose } = props;
  return (
    <Modal opened={opened} onClose={onClose} title="New segment" closeButtonProps={{ 'aria-label': 'Close' }}>
      {opened && <CreateForm {...props} />}
    </Modal>
  );
}

function CreateForm({ environment, onClose }: CreateSegmentProps) {
  const [name, setName] = useState('');
  const [typedKey, setTypedKey] = useState<string>();
  const [description, setDescription] = useState('');
  const queries = useQueryClient();
  const navigate = useNavigate();
  const key = typedKey ?? keyOf(name);
  const create = useMutation({
    mutationFn: () => {
      const body = { key, name: name || key, description };
      return api.POST('/api/v1/environments/{env}/segments', { params: { path: { env: environment } }, body });
    },
    onSuccess: async () => {
      onClose();
      await queries.invalidateQueries({ queryKey: [environment] });
      await navigate({ to: '/$env/segments/$key', params: { env: environment, key } });
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate();
      }}
    >
      <Stack gap="md">
        <TextInput
          label="Name"
          placeholder="Pilot customers"
          maxLength={256}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label="Key"
          description="What rules ask for. It cannot be changed later."
          required
          pattern={KEY_PATTERN}
          maxLength={256}
          spellCheck={false}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          value={key}
          onChange={(event) => setTypedKey(event.currentTarget.value)}
        />
        <Textarea
          label="Description"
          autosize
          minRows={2}
          maxLength={4096}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        <Text size="sm" c="dimmed">
          Nobody is in it yet, so nothing changes for anybody. It is made in this environment only.
        </Text>
        {create.error && <Faults error={create.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={key === ''} loading={create.isPending}>
            Create
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
