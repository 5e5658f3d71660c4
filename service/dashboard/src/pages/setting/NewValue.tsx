import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { firstValue, ValueEditor } from '../../components/ValueEditor.js';
import { isSameJson } from '../../json.js';
import type { Json, SettingType, Variation } from '../../model.js';

interface NewValueProps {
  type: SettingType;
  opened: boolean;
  onClose: () => void;
  onAdd: (variation: Variation) => void;
  taken: readonly Variation[];
}

/** A value written where it is needed; it is saved together with what serves it. */
export function NewValue(props: NewValueProps) {
  const { opened, onClose } = props;
  return (
    <Modal opened={opened} onClose={onClose} title="A new value">
      {opened && <NewValueForm {...props} />}
    </Modal>
  );
}

function NewValueForm({ type, onClose, onAdd, taken }: NewValueProps) {
  const [value, setValue] = useState<Json>(firstValue(type));
  const [fault, setFault] = useState<string>();
  const [name, setName] = useState('');
  const isTaken = taken.some((variation) => isSameJson(variation.value, value));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        if (fault === undefined && !isTaken) onAdd({ value, name, description: '' });
      }}
    >
      <Stack gap="md">
        <ValueEditor
          type={type}
          value={value}
          label="Value"
          error={fault ?? (isTaken ? 'There is such a value already' : undefined)}
          onChange={(next, why) => {
            setValue(next);
            setFault(why);
          }}
        />
        <TextInput
          label="Name"
          description="Optional: what people call it"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={fault !== undefined || isTaken}>
            Use it
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
