import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, data } from '../../api.js';
import { DiffView } from '../../components/DiffView.js';
import { Faults } from '../../components/Effects.js';
import { useAnnounce } from '../../components/Landing.js';
import { useEnvironmentName } from '../../environments.js';
import { useVariations } from '../../variations.js';
import type { Entry } from './HistoryTab.js';

interface RevertDialogProps {
  environment: string;
  entry: Entry | undefined;
  onClose: () => void;
}

/** Shows what taking a change back would do, before it is done. */
export function RevertDialog({ environment, entry, onClose }: RevertDialogProps) {
  return (
    <Modal opened={entry !== undefined} onClose={onClose} size="lg" title="Take this change back?">
      {entry && <RevertForm environment={environment} entry={entry} onClose={onClose} />}
    </Modal>
  );
}

function RevertForm({ environment, entry, onClose }: RevertDialogProps & { entry: Entry }) {
  const [comment, setComment] = useState('');
  const place = useEnvironmentName(environment);
  const variations = useVariations(environment);
  const queries = useQueryClient();
  const announce = useAnnounce();
  const revert = useMutation({
    mutationFn: () =>
      data(api.POST('/api/v1/audit/{id}/revert', { params: { path: { id: entry.id } }, body: { comment } })),
    onSuccess: async ({ revision }) => {
      onClose();
      if (revision !== null) announce({ environment, revision, what: `Took back revision ${entry.revision}` });
      await queries.invalidateQueries({ queryKey: [environment] });
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        revert.mutate();
      }}
    >
      <Stack gap="md">
        <Text size="sm">
          Everything that {entry.actor.name} changed at once is set back, by a new change that reaches servers like any
          other. What was changed since is not touched: if it contradicts, nothing happens.
        </Text>
        {entry.items.map((item) => (
          <div key={`${item.environment} ${item.kind} ${item.key}`}>
            <Text size="xs" c="dimmed" mb={4}>
              {item.kind} {item.key} {item.environment === null ? 'in every environment' : `in ${item.environment}`}
            </Text>
            <DiffView item={{ ...item, before: item.after, after: item.before }} variations={variations} />
          </div>
        ))}
        <TextInput
          label="Why"
          placeholder="Optional, kept in the activity"
          data-autofocus
          value={comment}
          onChange={(event) => setComment(event.currentTarget.value)}
        />
        {revert.error && <Faults error={revert.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={revert.isPending}>
            Take it back in {place}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
