// A new key in the place of an old one without losing a server: make it, bring it to them, watch, let the old one expire.
import { Alert, Button, Group, List, Modal, Select, Stack, Stepper, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { keyState, type SdkKey, sdkKeysQuery } from '../../access.js';
import { api, data } from '../../api.js';
import { Faults } from '../../components/Effects.js';
import { Secret } from '../../components/Secret.js';
import { serverName } from '../../connections.js';
import { nameOfNextKey } from '../../keys.js';
import { exactTime } from '../../time.js';
import { MOST_NAMED, Servers, useConnections } from './KeyUsers.js';

const HOUR_MS = 3_600_000;
const OVERLAPS = [
  { value: '0', label: 'now' },
  { value: String(HOUR_MS), label: 'in an hour' },
  { value: String(24 * HOUR_MS), label: 'in a day' },
  { value: String(7 * 24 * HOUR_MS), label: 'in a week' },
];
const NEW = 'new';

interface RotateKeyProps {
  environment: string;
  old: SdkKey;
  onClose: () => void;
}

export function RotateKey({ environment, old, onClose }: RotateKeyProps) {
  const [step, setStep] = useState(0);
  const [next, setNext] = useState<{ id: string; secret?: string }>();
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      // A key that is shown once must not vanish by a slip of the pointer.
      closeOnClickOutside={false}
      title={<Text fw={650}>Rotate {old.name}</Text>}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stepper
        active={step}
        size="xs"
        mb="md"
        iconSize={24}
        wrap={false}
        allowNextStepsSelect={false}
        onStepClick={setStep}
        styles={{ separator: { marginInline: 4, minWidth: 4 } }}
      >
        <Stepper.Step label="New key" />
        <Stepper.Step label="Your servers" />
        <Stepper.Step label="Old key" />
      </Stepper>
      {step === 0 && (
        <NewKey
          environment={environment}
          old={old}
          made={next}
          onMade={setNext}
          onNext={() => setStep(1)}
          onClose={onClose}
        />
      )}
      {step === 1 && next && (
        <Servers environment={environment} oldId={old.id} newId={next.id} onNext={() => setStep(2)} onClose={onClose} />
      )}
      {step === 2 && <Expire environment={environment} old={old} onClose={onClose} />}
    </Modal>
  );
}

function NewKey(props: {
  environment: string;
  old: SdkKey;
  made: { id: string; secret?: string } | undefined;
  onMade: (made: { id: string; secret?: string }) => void;
  onNext: () => void;
  onClose: () => void;
}) {
  const { environment, old, made, onMade, onNext, onClose } = props;
  const { data: keys = [] } = useQuery(sdkKeysQuery(environment));
  const others = keys.filter(
    (key) => key.id !== old.id && keyState(key, Date.now()) === 'active' && key.createdAt >= old.createdAt,
  );
  const [choice, setChoice] = useState(NEW);
  const [name, setName] = useState(nameOfNextKey(old.name, new Date()));
  const queries = useQueryClient();
  const create = useMutation({
    mutationFn: () => {
      const params = { path: { env: environment } };
      return data(api.POST('/api/v1/environments/{env}/sdk-keys', { params, body: { name } }));
    },
    onSuccess: ({ sdkKey, secret }) => {
      onMade({ id: sdkKey.id, secret });
      return queries.invalidateQueries({ queryKey: sdkKeysQuery(environment).queryKey });
    },
  });
  if (made?.secret !== undefined) {
    return (
      <Stack gap="md">
        <Secret label="New SDK key" value={made.secret}>
          <Text size="sm">
            Give it to your servers as FEATHERY_SDK_KEY and start them anew, one after the other. The old key works on
            until you let it expire.
          </Text>
        </Secret>
        <Group justify="flex-end">
          <Button onClick={onNext}>I have stored it</Button>
        </Group>
      </Stack>
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (choice === NEW) create.mutate();
        else {
          onMade({ id: choice });
          onNext();
        }
      }}
    >
      <Stack gap="md">
        <Text size="sm">Both keys work at the same time, so that no server is without one.</Text>
        {others.length > 0 && (
          <Select
            label="The key that takes its place"
            allowDeselect={false}
            data={[
              { value: NEW, label: 'A new one' },
              ...others.map((key) => ({ value: key.id, label: key.hint ? `${key.name} (…${key.hint})` : key.name })),
            ]}
            value={choice}
            onChange={(value) => setChoice(value ?? NEW)}
          />
        )}
        {choice === NEW && (
          <TextInput
            label="Name of the new key"
            required
            maxLength={256}
            data-autofocus
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        )}
        {create.error && <Faults error={create.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending}>
            {choice === NEW ? 'Make the new key' : 'Go on'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Expire({ environment, old, onClose }: RotateKeyProps) {
  const all = useConnections(environment);
  const onOld = all?.filter(({ sdkKeyId }) => sdkKeyId === old.id) ?? [];
  const [asked, setOverlap] = useState<string>();
  // Who would be cut off gets time.
  const overlap = asked ?? (onOld.length > 0 ? String(24 * HOUR_MS) : '0');
  const queries = useQueryClient();
  const expire = useMutation({
    mutationFn: () => {
      const params = { path: { env: environment, id: old.id } };
      const expiresAt = new Date(Date.now() + Number(overlap)).toISOString();
      return data(api.PATCH('/api/v1/environments/{env}/sdk-keys/{id}', { params, body: { expiresAt } }));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: sdkKeysQuery(environment).queryKey }),
  });
  if (expire.data) {
    const at = new Date(expire.data.expiresAt ?? Date.now());
    return (
      <Stack gap="md">
        <Alert color="teal" variant="light" role="status">
          {overlap === '0'
            ? 'The old key has expired.'
            : `The old key expires at ${exactTime(at)}. Until then it works on.`}
        </Alert>
        <Group justify="flex-end">
          <Button onClick={onClose}>Done</Button>
        </Group>
      </Stack>
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        expire.mutate();
      }}
    >
      <Stack gap="md">
        {onOld.length > 0 && (
          <Alert color="orange" variant="light" title="These would be cut off">
            <List size="sm">
              {onOld.slice(0, MOST_NAMED).map((server) => (
                <List.Item key={`${server.instanceId} ${server.connectedAt}`}>{serverName(server)}</List.Item>
              ))}
            </List>
            <Text size="sm" mt="xs">
              They keep the values they have and are refused until they get the new key.
            </Text>
          </Alert>
        )}
        <Select
          label="The old key expires"
          allowDeselect={false}
          data={OVERLAPS}
          value={overlap}
          onChange={(value) => setOverlap(value ?? '0')}
        />
        <Text size="sm" c="dimmed">
          {overlap === '0' ? 'This cannot be taken back.' : 'Until then it can be taken back.'}
        </Text>
        {expire.error && <Faults error={expire.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Later
          </Button>
          <Button
            type="submit"
            loading={expire.isPending}
            {...(overlap === '0' && onOld.length > 0 && { color: 'red.8' })}
          >
            {overlap === '0' ? 'Expire the old key now' : 'Let the old key expire'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
