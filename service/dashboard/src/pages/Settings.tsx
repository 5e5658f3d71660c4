import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { IconAdjustments, IconFilterOff, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useDeferredValue, useMemo, useState } from 'react';
import { FlipProvider } from '../components/Flip.js';
import { EmptyState, ErrorState, LoadingRows } from '../components/States.js';
import { useTitle } from '../components/title.js';
import { formatNumber } from '../describe.js';
import { mayEditEverywhere, useSession } from '../session.js';
import { overviewQuery, recentEvaluationsQuery } from '../settings.js';
import { CreateSetting } from './settings/CreateSetting.js';
import { Filters } from './settings/Filters.js';
import { type Filter, filterRows } from './settings/filter.js';
import { SettingsTable } from './settings/SettingsTable.js';

export default function Settings() {
  useTitle('Settings');
  const { env } = useParams({ from: '/$env/settings' });
  const filter: Filter = useSearch({ strict: false });
  const navigate = useNavigate();
  const [isCreating, setCreating] = useState(false);
  const mayCreate = mayEditEverywhere(useSession());
  const { data: rows, error, refetch } = useQuery(overviewQuery(env));
  const { data: evaluations } = useQuery(recentEvaluationsQuery(env));
  const deferred = useDeferredValue(filter);
  const shown = useMemo(
    () => (rows === undefined ? [] : filterRows(rows, deferred, evaluations, Date.now())),
    [rows, deferred, evaluations],
  );
  const setFilter = (next: Filter) => navigate({ to: '.', search: compact(next), replace: true });
  const create = () => setCreating(true);
  return (
    <FlipProvider environment={env}>
      <Stack gap="sm" h={{ sm: 'calc(100dvh - 56px - 2 * var(--mantine-spacing-lg))' }}>
        <Group justify="space-between" wrap="nowrap">
          <Group gap="xs" align="baseline">
            <Title order={1} size="h2">
              Settings
            </Title>
            <Text c="dimmed" size="sm" aria-live="polite" style={{ fontVariantNumeric: 'tabular-nums' }}>
              {rows &&
                (shown.length === rows.length ? '' : `${formatNumber(shown.length)} of `) + formatNumber(rows.length)}
            </Text>
          </Group>
          {mayCreate && (
            <Button size="sm" leftSection={<IconPlus size={16} aria-hidden />} onClick={create}>
              New setting
            </Button>
          )}
        </Group>
        <Filters rows={rows ?? []} filter={filter} onChange={setFilter} />
        {error && rows === undefined && <ErrorState error={error} retry={() => void refetch()} />}
        {rows === undefined && !error && <LoadingRows rows={10} height={60} />}
        {rows?.length === 0 && <NoSettings create={mayCreate ? create : undefined} />}
        {rows && rows.length > 0 && shown.length === 0 && <NothingFits clear={() => setFilter({})} />}
        {shown.length > 0 && <SettingsTable environment={env} rows={shown} evaluations={evaluations} />}
      </Stack>
      <CreateSetting environment={env} opened={isCreating} onClose={() => setCreating(false)} />
    </FlipProvider>
  );
}

function NoSettings({ create }: { create: (() => void) | undefined }) {
  return (
    <EmptyState icon={IconAdjustments} title="No settings yet">
      <Stack align="center" gap="md">
        <Text>
          A setting is a value your servers ask for: a switch, a limit, a text, or JSON. Make one, and every connected
          server has it within milliseconds.
        </Text>
        {create && <Button onClick={create}>Make the first setting</Button>}
      </Stack>
    </EmptyState>
  );
}

function NothingFits({ clear }: { clear: () => void }) {
  return (
    <EmptyState icon={IconFilterOff} title="No setting fits">
      <Stack align="center" gap="md">
        <Text>Look for part of a key, a name, a description or a tag.</Text>
        <Button variant="default" onClick={clear}>
          Show all
        </Button>
      </Stack>
    </EmptyState>
  );
}

/** Filters that are off do not stand in the address. */
function compact(filter: Filter): Filter {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined && value !== ''));
}
