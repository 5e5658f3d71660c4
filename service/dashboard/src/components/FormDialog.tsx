// A dialog with a form: fields, what went wrong, and the deed.
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Faults } from './Effects.js';

interface FormDialogProps {
  opened: boolean;
  onClose: () => void;
  title: string;
  /** What the button says: the deed itself. */
  verb: string;
  children: ReactNode;
  isPending: boolean;
  error: Error | null;
  canSubmit?: boolean;
  onSubmit: () => void;
}

export function FormDialog(props: FormDialogProps) {
  const { opened, onClose, title, verb, children, isPending, error, canSubmit = true, onSubmit } = props;
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={<Text fw={650}>{title}</Text>}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (canSubmit && !isPending) onSubmit();
        }}
      >
        <Stack gap="md">
          {children}
          {error && <Faults error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={isPending} disabled={!canSubmit}>
              {verb}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
