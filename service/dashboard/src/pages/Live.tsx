// What is going on: who is connected, what changes, how it lands, what happens in the product.
import { Grid, Paper, SimpleGrid, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useEffect } from 'react';
import { PageHead } from '../components/PageHead.js';
import { connectionsQuery } from '../connections.js';
import { useLive } from '../live.js';
import { Connections } from './live/Connections.js';
import { Feed } from './live/Feed.js';

/** The list is asked for anew when servers come and go or report, at most this often. */
const SETTLED_MS = 300;

export default function Live() {
  const { env } = useParams({ from: '/$env/live' });
  const { connection, revision, connected, landings } = useLive();
  const queries = useQueryClient();
  const newest = landings.get(revision);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each of these means that the list is another by now
  useEffect(() => {
    const timer = setTimeout(
      () => void queries.invalidateQueries({ queryKey: connectionsQuery(env).queryKey }),
      SETTLED_MS,
    );
    return () => clearTimeout(timer);
  }, [connected, newest, env, queries]);
  const { data } = useQuery(connectionsQuery(env));
  const current = data?.connections.filter((one) => one.revision === data.revision) ?? [];
  const lags = current.flatMap(({ lagMs }) => (lagMs === null ? [] : [lagMs]));
  return (
    <Stack gap="md">
      <PageHead
        title="Live"
        lead={
          connection === 'lost'
            ? 'The connection is lost. What stands here may be old; it is tried again by itself.'
            : 'Servers that are connected, and what reaches them, as it happens.'
        }
      />
      <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
        <Figure label="Revision" value={data ? String(data.revision) : '–'} />
        <Figure label="Servers connected" value={data ? String(data.connected) : '–'} />
        <Figure
          label="On this revision"
          value={data && data.connected > 0 ? `${current.length} of ${data.connected}` : '–'}
        />
        <Figure
          label="Slowest at the last change"
          value={lags.length > 0 ? `${Math.round(Math.max(...lags))} ms` : '–'}
        />
      </SimpleGrid>
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, lg: 7 }}>
          <Connections environment={env} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 5 }}>
          <Feed environment={env} />
        </Grid.Col>
      </Grid>
    </Stack>
  );
}

function Figure({ label, value }: { label: string; value: string }) {
  return (
    <Paper withBorder px="md" py="xs">
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Text size="xl" fw={650} style={{ fontVariantNumeric: 'tabular-nums' }}>
        {value}
      </Text>
    </Paper>
  );
}
