import { Button, Paper, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { RelativeTime } from '../../components/RelativeTime.js';
import { type ContextRequest, requestsQuery } from '../../contexts.js';
import { valueLabel } from '../../describe.js';

const FEW = 6;

export function Requests(props: { environment: string; kind: string; contextKey: string }) {
  const { environment, kind, contextKey } = props;
  const [showsAll, setShowsAll] = useState(false);
  const { data, error } = useQuery(requestsQuery(environment, kind, contextKey));
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="requests">
      <Title order={2} size="h5" id="requests">
        Recent requests
      </Title>
      <Text size="xs" c="dimmed" mb="xs">
        What servers told of them since this service was started.
      </Text>
      {error && (
        <Text size="sm" c="red">
          {error.message}
        </Text>
      )}
      {data === undefined && !error && <Skeleton height={88} />}
      {data?.length === 0 && (
        <Text size="sm" c="dimmed">
          None. Servers count evaluations together; they tell of single requests when somebody is new to them, and with
          custom events.
        </Text>
      )}
      <Stack gap={6} component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
        {data?.slice(0, showsAll ? undefined : FEW).map((request, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: requests have no identity
          <li key={`${request.at} ${index}`}>
            <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
              {sentence(request, kind)}
            </Text>
            <Text size="xs" c="dimmed">
              <RelativeTime at={request.at} /> · {request.server || 'unknown server'}
            </Text>
          </li>
        ))}
      </Stack>
      {data && data.length > FEW && (
        <Button size="compact-xs" variant="subtle" mt="xs" onClick={() => setShowsAll(!showsAll)}>
          {showsAll ? 'Show fewer' : `Show all ${data.length}`}
        </Button>
      )}
    </Paper>
  );
}

function sentence({ kind, key, value, metric, contexts }: ContextRequest, about: string): string {
  const others = Object.entries(contexts).filter(([other]) => other !== about);
  const together = others.length === 0 ? '' : ` with ${others.map((other) => other.join(' ')).join(' and ')}`;
  if (kind === 'seen') return `Asked about${together}`;
  if (kind === 'identified') return `Identified${together}`;
  if (kind === 'evaluated') return `${key} served ${valueLabel(value)}${together}`;
  const parts = [value === null ? '' : valueLabel(value), metric === null ? '' : String(metric)].filter(Boolean);
  return `Event ${key}${parts.length > 0 ? ` (${parts.join(', ')})` : ''}${together}`;
}
