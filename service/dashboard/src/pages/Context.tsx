// One user or organization: what they get, why, and the way to give them something else.
import { Anchor, Button, Grid, Group, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { IconAdjustments, IconSearch, IconZoomQuestion } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { BackLink } from '../components/BackLink.js';
import { PageHead } from '../components/PageHead.js';
import { RelativeTime } from '../components/RelativeTime.js';
import { EmptyState, ErrorState, LoadingRows } from '../components/States.js';
import { VirtualList } from '../components/VirtualList.js';
import { type ContextDetails, contextQuery, type SettingForContext } from '../contexts.js';
import { formatNumber } from '../describe.js';
import type { SettingRow } from '../settings.js';
import { overviewQuery } from '../settings.js';
import { evaluateQuery } from '../trace.js';
import { Attributes } from './context/Attributes.js';
import { OverrideProvider } from './context/Override.js';
import { Requests } from './context/Requests.js';
import { ServedRow } from './context/ServedRow.js';
import { KindIcon } from './contexts/ContextRow.js';

export default function Context() {
  const { env, kind, key } = useParams({ from: '/$env/contexts/$kind/$key' });
  const [scope, setScope] = useState<'own' | 'all'>('own');
  const own = useQuery(contextQuery(env, kind, key));
  const isUnseen = own.data === null;
  const every = useQuery({
    ...contextQuery(env, kind, key, { all: true }),
    enabled: scope === 'all' && !isUnseen,
    placeholderData: keepPreviousData,
  });
  const bare = useQuery({ ...evaluateQuery(env, { kind, key }), enabled: isUnseen });
  const { data: overview } = useQuery(overviewQuery(env));
  const [q, setQ] = useState('');
  const showsAll = scope === 'all' || isUnseen;
  const shown = isUnseen ? toRows(bare.data?.results) : (showsAll ? every.data : own.data)?.settings;
  const error = own.error ?? every.error ?? bare.error;
  const details = new Map(overview?.map((row) => [row.key, row]));
  const rows = shown?.filter((row) => fits(row, details.get(row.key), q));
  const name = own.data?.name ?? key;
  return (
    <OverrideProvider environment={env} kind={kind} contextKey={key} name={name}>
      <Stack gap="md">
        <div>
          <BackLink to="/$env/contexts" environment={env}>
            Organizations and users
          </BackLink>
          <PageHead
            name={name}
            title={
              <Group gap="xs" wrap="nowrap" component="span">
                <KindIcon kind={kind} size={24} />
                {name}
              </Group>
            }
            lead={<Lead environment={env} kind={kind} contextKey={key} seen={own.data} />}
          >
            <Button
              variant="default"
              leftSection={<IconZoomQuestion size={16} aria-hidden />}
              renderRoot={(props) => <Link {...props} to="/$env/explain" params={{ env }} search={{ kind, key }} />}
            >
              Explain
            </Button>
          </PageHead>
        </div>
        <Grid gap="lg">
          <Grid.Col span={{ base: 12, lg: 8.5 }}>
            <Stack gap="sm">
              <Group gap="xs">
                <SegmentedControl
                  aria-label="Which settings"
                  value={showsAll ? 'all' : 'own'}
                  disabled={isUnseen}
                  onChange={(value) => setScope(value as 'own' | 'all')}
                  data={[
                    {
                      value: 'own',
                      label: `Differs from the default${own.data ? ` ${formatNumber(own.data.settings.length)}` : ''}`,
                    },
                    { value: 'all', label: `All settings${overview ? ` ${formatNumber(overview.length)}` : ''}` },
                  ]}
                />
                <TextInput
                  flex={1}
                  miw={180}
                  type="search"
                  aria-label="Search settings"
                  placeholder="Search settings"
                  leftSection={<IconSearch size={16} aria-hidden />}
                  value={q}
                  onChange={(event) => setQ(event.currentTarget.value)}
                />
              </Group>
              {error && <ErrorState error={error} retry={() => void own.refetch()} />}
              {!error && rows === undefined && <LoadingRows rows={6} height={64} />}
              {rows?.length === 0 && (
                <Nothing
                  q={q}
                  hasSettings={overview?.length !== 0}
                  showAll={showsAll ? undefined : () => setScope('all')}
                />
              )}
              {rows !== undefined && rows.length > 0 && (
                <VirtualList label={`What ${name} gets`} rows={rows} keyOf={(row) => row.key} estimate={64}>
                  {(row) => (
                    <ServedRow
                      environment={env}
                      kind={kind}
                      contextKey={key}
                      row={row}
                      setting={details.get(row.key)}
                      seen={own.data ?? undefined}
                    />
                  )}
                </VirtualList>
              )}
            </Stack>
          </Grid.Col>
          <Grid.Col span={{ base: 12, lg: 3.5 }}>
            <Stack gap="md">
              <Attributes environment={env} seen={own.data} />
              <Requests environment={env} kind={kind} contextKey={key} />
            </Stack>
          </Grid.Col>
        </Grid>
      </Stack>
    </OverrideProvider>
  );
}

function Lead(props: {
  environment: string;
  kind: string;
  contextKey: string;
  seen: ContextDetails | null | undefined;
}) {
  const { environment, kind, contextKey, seen } = props;
  return (
    <>
      {kind}{' '}
      <Text span inherit ff="monospace" style={{ overflowWrap: 'anywhere' }}>
        {contextKey}
      </Text>
      {seen === null && ' · not seen yet: this is what they will get when only the key is known'}
      {seen && (
        <>
          {' '}
          · seen <RelativeTime at={seen.lastSeen} />, first <RelativeTime at={seen.firstSeen} />
          {Object.entries(seen.companions).map(([otherKind, otherKey]) => (
            <span key={otherKind}>
              {' '}
              · evaluated together with {otherKind}{' '}
              <Anchor
                inherit
                underline="always"
                renderRoot={(rest) => (
                  <Link
                    {...rest}
                    to="/$env/contexts/$kind/$key"
                    params={{ env: environment, kind: otherKind, key: otherKey }}
                  />
                )}
              >
                {otherKey}
              </Anchor>
            </span>
          ))}
        </>
      )}
    </>
  );
}

function Nothing(props: { q: string; hasSettings: boolean; showAll: (() => void) | undefined }) {
  const { q, hasSettings, showAll } = props;
  if (!hasSettings) {
    return (
      <EmptyState icon={IconAdjustments} title="No settings yet">
        As soon as there is one, what they get and why stands here.
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={IconSearch} title={q ? 'No setting fits' : 'They get what everybody gets'}>
      <Stack align="center" gap="md">
        <Text>{q ? 'Look for part of a key or a name.' : 'No override, rule or split singles them out.'}</Text>
        {showAll && (
          <Button variant="default" onClick={showAll}>
            Show all settings
          </Button>
        )}
      </Stack>
    </EmptyState>
  );
}

function fits({ key }: SettingForContext, setting: SettingRow | undefined, q: string): boolean {
  return `${key}\n${setting?.name ?? ''}`.toLowerCase().includes(q.trim().toLowerCase());
}

function toRows(results: Record<string, Omit<SettingForContext, 'key' | 'usual'>> | undefined) {
  if (results === undefined) return undefined;
  return Object.entries(results).map(([key, { value, variationIndex, reason }]): SettingForContext => {
    return { key, value, variationIndex, reason, usual: { value, variationIndex } };
  });
}
