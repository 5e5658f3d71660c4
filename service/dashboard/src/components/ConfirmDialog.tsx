// The question before something that cannot be undone, or that others notice at once.
import { Alert, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';

interface ConfirmDialogProps {
  opened: boolean;
  onClose: () => void;
  title: string;
  /** What the button says: the deed itself, never "OK". */
  verb: string;
  /** What will happen. */
  children: ReactNode;
  /** Shown in red: what is gone afterwards. */
  isDestructive?: boolean;
  /** Must be typed before the button works. */
  typed?: string;
  isPending?: boolean;
  error?: Error | null;
  onConfirm: () => void;
}

export function ConfirmDialog(props: ConfirmDialogProps) {
  const { opened, onClose, title, children, error } = props;
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={<Text fw={650}>{title}</Text>}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack gap="md">
        <Text size="sm" component="div">
          {children}
        </Text>
        {error && (
          <Alert color="red" variant="light" role="alert">
            {error.message}
          </Alert>
        )}
        <Confirmation {...props} />
      </Stack>
    </Modal>
  );
}

function Confirmation({ typed, verb, isDestructive, isPending, onConfirm, onClose }: ConfirmDialogProps) {
  const [text, setText] = useState('');
  const isReady = typed === undefined || text === typed;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) onConfirm();
      }}
    >
      <Stack gap="md">
        {typed !== undefined && (
          <TextInput
            label={`Type ${typed} to go on`}
            value={text}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
            onChange={(event) => setText(event.currentTarget.value)}
          />
        )}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose} {...(typed === undefined && { 'data-autofocus': true })}>
            Cancel
          </Button>
          <Button
            type="submit"
            loading={isPending ?? false}
            disabled={!isReady}
            {...(isDestructive && { color: 'red.8' })}
          >
            {verb}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
