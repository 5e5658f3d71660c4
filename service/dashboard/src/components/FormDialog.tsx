// A form in a dialog: fields, what went wrong, and the deed.
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Faults } from './Effects.js';

interface DialogFormProps {
  onClose: () => void;
  /** What the button says: the deed itself. */
  verb: string;
  children: ReactNode;
  isPending: boolean;
  error: Error | null;
  canSubmit?: boolean;
  onSubmit: () => void;
}

interface FormDialogProps extends DialogFormProps {
  opened: boolean;
  title: string;
}

export function FormDialog({ opened, title, ...form }: FormDialogProps) {
  return (
    <Modal
      opened={opened}
      onClose={form.onClose}
      title={<Text fw={650}>{title}</Text>}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <DialogForm {...form} />
    </Modal>
  );
}

/** The form alone, for a dialog that makes it anew each time it opens. */
export function DialogForm(props: DialogFormProps) {
  const { onClose, verb, children, isPending, error, canSubmit = true, onSubmit } = props;
  return (
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
  );
}
