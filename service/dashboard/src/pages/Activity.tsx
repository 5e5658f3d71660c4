import { Group, SegmentedControl, Select, Stack, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconHistory, IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { ACTION_CHOICES, type AuditEntry, auditQuery } from '../audit.js';
import { PageHead } from '../components/PageHead.js';
import { EmptyState, ErrorState, LoadingRows } from '../components/States.js';
import { VirtualList } from '../components/VirtualList.js';
import { useEnvironmentName } from '../environments.js';
import { endOf, rowsOf } from '../pages.js';
import { useVariations } from '../variations.js';
import { EntryRow } from './activity/EntryRow.js';
import { RevertDialog } from './setting/RevertDialog.js';

const TYPING_MS = 200;

interface Filter {
  scope?: 'everywhere';
  of?: 'segment';
  key?: string | undefined;
  action?: string;
  from?: string;
  to?: string;
}

export default function Activity() {
  const { env } = useParams({ from: '/$env/activity' });
  const filter: Filter = useSearch({ strict: false });
  const navigate = useNavigate();
  const set = (change: Partial<Filter>) => {
    const next = Object.entries({ ...filter, ...change }).filter(([, value]) => value);
    void navigate({ to: '.', search: Object.fromEntries(next), replace: true });
  };
  const [key] = useDebouncedValue(String(filter.key ?? '').trim(), TYPING_MS);
  const query = toQuery(env, { ...filter, key });
  const found = useInfiniteQuery({ ...auditQuery(env, query), placeholderData: keepPreviousData });
  const rows = rowsOf(found.data, (page) => page.entries);
  const [reverting, revert] = useState<AuditEntry>();
  const variations = useVariations(env);
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <Stack gap="sm">
      <PageHead title="Activity" lead="Who changed what, how it was before, and the way back." />
      <Filters environment={env} filter={filter} set={set} />
      {found.error && <ErrorState error={found.error} retry={() => void found.refetch()} />}
      {found.isPending && <LoadingRows rows={10} height={64} />}
      {found.data && rows.length === 0 && (
        <EmptyState icon={IconHistory} title={isFiltered ? 'Nothing fits' : 'Nothing has happened yet'}>
          {isFiltered
            ? 'A setting or segment is found by its whole key. Take a filter away to see more.'
            : 'What is changed from now on stands here.'}
        </EmptyState>
      )}
      {rows.length > 0 && (
        <VirtualList
          label="Activity"
          rows={rows}
          keyOf={(row) => String(row.id)}
          estimate={82}
          onEnd={endOf(found)}
          isLoadingMore={found.isFetchingNextPage}
        >
          {(entry) => (
            <EntryRow environment={env} entry={entry} variations={variations} onRevert={() => revert(entry)} />
          )}
        </VirtualList>
      )}
      <RevertDialog environment={env} entry={reverting} onClose={() => revert(undefined)} />
    </Stack>
  );
}

function Filters(props: { environment: string; filter: Filter; set: (change: Partial<Filter>) => void }) {
  const { environment, filter, set } = props;
  const place = useEnvironmentName(environment);
  return (
    <Group gap="xs">
      <SegmentedControl
        aria-label="Where"
        data={[
          { value: '', label: place },
          { value: 'everywhere', label: 'Everywhere' },
        ]}
        value={filter.scope ?? ''}
        onChange={(scope) => set({ scope: scope as 'everywhere' })}
      />
      <Group gap={0} wrap="nowrap" flex={1} miw={220}>
        <Select
          w={112}
          aria-label="What the key is of"
          allowDeselect={false}
          data={[
            { value: '', label: 'Setting' },
            { value: 'segment', label: 'Segment' },
          ]}
          value={filter.of ?? ''}
          onChange={(of) => set({ of: (of || undefined) as 'segment' | undefined })}
          styles={{ input: { borderStartEndRadius: 0, borderEndEndRadius: 0, borderInlineEnd: 0 } }}
        />
        <TextInput
          flex={1}
          type="search"
          aria-label="Key"
          placeholder="its key"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={filter.key ?? ''}
          onChange={(event) => set({ key: event.currentTarget.value })}
          styles={{ input: { borderStartStartRadius: 0, borderEndStartRadius: 0 } }}
        />
      </Group>
      <Select
        flex={{ base: '1 1 100%', sm: '0 0 180px' }}
        clearable
        searchable
        aria-label="What was done"
        placeholder="Anything done"
        nothingFoundMessage="Nothing is called so"
        data={ACTION_CHOICES}
        value={filter.action ?? null}
        onChange={(action) => set({ action: action ?? '' })}
      />
      <Group gap={6} wrap="nowrap" flex={{ base: '1 1 100%', sm: '0 0 auto' }} grow preventGrowOverflow={false}>
        <TextInput
          type="date"
          aria-label="From this day"
          value={filter.from ?? ''}
          onChange={(event) => set({ from: event.currentTarget.value })}
        />
        –
        <TextInput
          type="date"
          aria-label="Until this day"
          value={filter.to ?? ''}
          onChange={(event) => set({ to: event.currentTarget.value })}
        />
      </Group>
    </Group>
  );
}

/** Days are those of the reader's zone, both included. */
function toQuery(environment: string, { scope, of, key, action, from, to }: Filter) {
  return {
    environment: scope === 'everywhere' ? undefined : environment,
    [of ?? 'setting']: key,
    action,
    from: from && dayStart(from, 0),
    to: to && dayStart(to, 1),
  };
}

function dayStart(day: string, daysLater: number): string {
  const date = new Date(`${day}T00:00:00`);
  date.setDate(date.getDate() + daysLater);
  return date.toISOString();
}
