import { Modal, Text, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../../api.js';
import { DialogForm } from '../../components/FormDialog.js';
import { NamingFields, useNaming } from '../../components/NamingFields.js';

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
  const naming = useNaming();
  const { name, key } = naming;
  const [description, setDescription] = useState('');
  const queries = useQueryClient();
  const navigate = useNavigate();
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
    <DialogForm
      onClose={onClose}
      verb="Create"
      canSubmit={key !== ''}
      isPending={create.isPending}
      error={create.error}
      onSubmit={() => create.mutate()}
    >
      <NamingFields naming={naming} example="Pilot customers" purpose="What rules ask for." />
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
    </DialogForm>
  );
}
