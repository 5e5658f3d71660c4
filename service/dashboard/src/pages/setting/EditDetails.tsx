import { Button, Group, Modal, Stack, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api.js';
import { Faults } from '../../components/Effects.js';
import { type Definition, overviewQuery } from '../../settings.js';

interface EditDetailsProps {
  environment: string;
  definition: Definition;
  opened: boolean;
  onClose: () => void;
}

/** What people read about it. No server is served anything else for it, so it is saved at once. */
export function EditDetails(props: EditDetailsProps) {
  const { opened, onClose } = props;
  return (
    <Modal opened={opened} onClose={onClose} title="Name, description and tags">
      {opened && <DetailsForm {...props} />}
    </Modal>
  );
}

function DetailsForm({ environment, definition, onClose }: EditDetailsProps) {
  const [details, setDetails] = useState({
    name: definition.name,
    description: definition.description,
    tags: definition.tags,
  });
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: () =>
      api.PATCH('/api/v1/settings/{key}', { params: { path: { key: definition.key } }, body: { ...details } }),
    onSuccess: () => {
      onClose();
      return queries.invalidateQueries({ queryKey: [environment] });
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap="md">
        <TextInput
          label="Name"
          required
          maxLength={256}
          data-autofocus
          value={details.name}
          onChange={(event) => setDetails({ ...details, name: event.currentTarget.value })}
        />
        <Textarea
          label="Description"
          autosize
          minRows={2}
          maxRows={10}
          maxLength={4096}
          value={details.description}
          onChange={(event) => setDetails({ ...details, description: event.currentTarget.value })}
        />
        <TagsField
          environment={environment}
          tags={details.tags}
          onChange={(tags) => setDetails({ ...details, tags })}
        />
        {save.error && <Faults error={save.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

export function TagsField(props: { environment: string; tags: string[]; onChange: (tags: string[]) => void }) {
  const { environment, tags, onChange } = props;
  const { data: rows } = useQuery(overviewQuery(environment));
  const known = [...new Set(rows?.flatMap((row) => row.tags))].sort();
  return (
    <TagsInput
      label="Tags"
      placeholder={tags.length === 0 ? 'Type, then press Enter' : ''}
      data={known}
      value={tags}
      splitChars={[',', ' ']}
      acceptValueOnBlur
      onChange={onChange}
    />
  );
}
