import { Anchor, Badge, Text } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { RelativeTime } from '../../components/RelativeTime.js';
import { Section } from '../../components/Section.js';
import { EmptyState, ErrorState, LoadingRows } from '../../components/States.js';
import { VirtualList } from '../../components/VirtualList.js';
import { type Connection, connectionsQuery, serverName } from '../../connections.js';
import classes from './live.module.css';

export function Connections({ environment }: { environment: string }) {
  const { data, error, refetch } = useQuery(connectionsQuery(environment));
  return (
    <Section title="Servers" lead="Those behind stand first.">
      {error && <ErrorState error={error} retry={() => void refetch()} />}
      {data === undefined && !error && <LoadingRows rows={4} height={56} />}
      {data?.connections.length === 0 && (
        <EmptyState icon={IconPlugConnectedX} title="No server is connected">
          Start one with an SDK key of this environment, which you find under{' '}
          <Anchor
            inherit
            underline="always"
            renderRoot={(props) => <Link {...props} to="/$env/access" params={{ env: environment }} />}
          >
            Access
          </Anchor>
          .
        </EmptyState>
      )}
      {data && data.connections.length > 0 && (
        <VirtualList
          label="Servers"
          rows={data.connections}
          keyOf={(one) => `${one.instanceId} ${one.connectedAt}`}
          estimate={56}
        >
          {(one) => <Row connection={one} newest={data.revision} />}
        </VirtualList>
      )}
      {data && data.connected > data.connections.length && (
        <Text size="xs" c="dimmed" mt="xs">
          The first {data.connections.length} of {data.connected}.
        </Text>
      )}
    </Section>
  );
}

function Row({ connection, newest }: { connection: Connection; newest: number }) {
  const { sdk, address, connectedAt, revision, confirmed, lagMs } = connection;
  const isBehind = revision === null || revision < newest;
  return (
    <div className={classes.server}>
      <div style={{ minWidth: 0 }}>
        <Text size="sm" fw={600} truncate title={connection.instanceId}>
          {serverName(connection)}
        </Text>
        <Text size="xs" c="dimmed" truncate>
          {sdk} · {address} · since <RelativeTime at={connectedAt} />
        </Text>
      </div>
      <div className={classes.state}>
        <Badge variant="dot" color={isBehind ? 'orange' : 'teal'} radius="sm" tt="none" className={classes.badge}>
          {revision === null ? 'no data yet' : `revision ${revision}`}
        </Badge>
        <Text size="xs" c="dimmed">
          {confirmed ? (lagMs === null ? 'confirmed' : `in ${Math.round(lagMs)} ms`) : 'sent, not confirmed'}
        </Text>
      </div>
    </div>
  );
}
