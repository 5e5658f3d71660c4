// Which servers use which SDK key, as they come and go.
import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { type Connection, connectionsQuery, serverName } from '../../connections.js';
import { useLive } from '../../live.js';

export const MOST_NAMED = 20;
const EVERY_MS = 2_000;

/** Asks again whenever a server comes or goes. */
export function useConnections(environment: string): readonly Connection[] | undefined {
  const { connected } = useLive();
  const { data: now, refetch } = useQuery({ ...connectionsQuery(environment), refetchInterval: EVERY_MS });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another number means another list
  useEffect(() => void refetch(), [connected, refetch]);
  return now?.connections;
}

export function Servers(props: {
  environment: string;
  oldId: string;
  newId: string;
  onNext: () => void;
  onClose: () => void;
}) {
  const { environment, oldId, newId, onNext, onClose } = props;
  const all = useConnections(environment);
  const onOld = all?.filter(({ sdkKeyId }) => sdkKeyId === oldId) ?? [];
  const onNew = all?.filter(({ sdkKeyId }) => sdkKeyId === newId) ?? [];
  return (
    <Stack gap="md">
      <Text size="sm">
        Start your servers with the new key. They are seen here as they come. You can close this and come back: choose
        Rotate again, and the new key.
      </Text>
      <div role="status">
        <Text size="sm" fw={600}>
          {onNew.length} on the new key, {onOld.length} still on the old one
        </Text>
        <Names servers={onOld} color="orange" label="Still on the old key" />
        <Names servers={onNew} color="teal" label="On the new key" />
      </div>
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Later
        </Button>
        <Button onClick={onNext} variant={onOld.length === 0 ? 'filled' : 'default'}>
          {onOld.length === 0 ? 'Let the old key expire' : 'Go on all the same'}
        </Button>
      </Group>
    </Stack>
  );
}

function Names({ servers, color, label }: { servers: readonly Connection[]; color: string; label: string }) {
  if (servers.length === 0) return null;
  return (
    <Group gap={6} mt="xs" role="list" aria-label={label}>
      {servers.slice(0, MOST_NAMED).map((server) => (
        <Badge
          key={`${server.instanceId} ${server.connectedAt}`}
          role="listitem"
          variant="dot"
          color={color}
          radius="sm"
          tt="none"
          fw={500}
          title={server.instanceId}
        >
          {serverName(server)}
        </Badge>
      ))}
      {servers.length > MOST_NAMED && (
        <Text size="sm" c="dimmed">
          and {servers.length - MOST_NAMED} more
        </Text>
      )}
    </Group>
  );
}
