import { Group, Modal, SegmentedControl, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../../api.js';
import { DialogForm } from '../../components/FormDialog.js';
import { NamingFields, useNaming } from '../../components/NamingFields.js';
import { firstValue, ValueEditor } from '../../components/ValueEditor.js';
import { type Json, type SettingType, TYPE_NAMES } from '../../model.js';
import { TagsField } from '../setting/EditDetails.js';

interface CreateSettingProps {
  environment: string;
  opened: boolean;
  onClose: () => void;
}

const TYPES = Object.entries(TYPE_NAMES).map(([value, label]) => ({ value, label }));

export function CreateSetting(props: CreateSettingProps) {
  const { opened, onClose } = props;
  return (
    <Modal opened={opened} onClose={onClose} size="lg" title="New setting">
      {opened && <CreateForm {...props} />}
    </Modal>
  );
}

function CreateForm({ environment, onClose }: CreateSettingProps) {
  const naming = useNaming();
  const { name, key } = naming;
  const [type, setType] = useState<SettingType>('boolean');
  const [on, setOn] = useState<Json>(firstValue('boolean'));
  const [off, setOff] = useState<Json>(firstValue('boolean'));
  const [faults, setFaults] = useState<Record<string, string | undefined>>({});
  const [tags, setTags] = useState<string[]>([]);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const create = useMutation({
    mutationFn: () => {
      const variations = type === 'boolean' ? undefined : [{ value: on as never }, { value: off as never }];
      return api.POST('/api/v1/settings', { body: { key, name: name || key, type, tags, variations } });
    },
    onSuccess: async () => {
      onClose();
      await queries.invalidateQueries({ queryKey: [environment] });
      await navigate({ to: '/$env/settings/$key', params: { env: environment, key } });
    },
  });
  const chooseType = (next: SettingType) => {
    setType(next);
    setOn(firstValue(next));
    setOff(next === 'json' ? null : next === 'number' ? 1 : 'off');
    setFaults({});
  };
  const hasFaults = Object.values(faults).some((fault) => fault !== undefined);
  return (
    <DialogForm
      onClose={onClose}
      verb="Create"
      canSubmit={key !== '' && !hasFaults}
      isPending={create.isPending}
      error={create.error}
      onSubmit={() => create.mutate()}
    >
      <NamingFields naming={naming} example="New checkout" purpose="What servers ask for." />
      <div>
        <Text size="sm" fw={500} mb={4}>
          Type
        </Text>
        <SegmentedControl
          fullWidth
          aria-label="Type"
          data={TYPES}
          value={type}
          onChange={(next) => chooseType(next as SettingType)}
        />
      </div>
      {type !== 'boolean' && (
        <Group grow align="flex-start">
          <ValueEditor
            key={`on ${type}`}
            type={type}
            label="Value when on"
            value={on}
            error={faults.on}
            onChange={(value, fault) => {
              setOn(value);
              setFaults({ ...faults, on: fault });
            }}
          />
          <ValueEditor
            key={`off ${type}`}
            type={type}
            label="Value when off"
            value={off}
            error={faults.off}
            onChange={(value, fault) => {
              setOff(value);
              setFaults({ ...faults, off: fault });
            }}
          />
        </Group>
      )}
      <TagsField environment={environment} tags={tags} onChange={setTags} />
      <Text size="sm" c="dimmed">
        It begins turned off in every environment, so nothing changes for anybody yet. More values can follow.
      </Text>
    </DialogForm>
  );
}
