import { Anchor, CloseButton, Group, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconBuilding, IconSearch, IconUserSearch } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { PageHead } from '../components/PageHead.js';
import { EmptyState, ErrorState, LoadingRows } from '../components/States.js';
import { VirtualList } from '../components/VirtualList.js';
import { contextKindsQuery, contextsQuery } from '../contexts.js';
import { formatNumber } from '../describe.js';
import { endOf, rowsOf } from '../pages.js';
import { ContextRow } from './contexts/ContextRow.js';

const ALL = '';
const TYPING_MS = 120;
const MOST_KINDS = 5;
const NAMES: Readonly<Record<string, string>> = { organization: 'Organizations', user: 'Users' };

export default function Contexts() {
  const { env } = useParams({ from: '/$env/contexts' });
  const search: { kind?: string; q?: string } = useSearch({ strict: false });
  const [kind, q] = [String(search.kind ?? ALL), String(search.q ?? '')];
  const navigate = useNavigate();
  const [settled] = useDebouncedValue(q, TYPING_MS);
  const set = (change: { kind?: string; q?: string }) => {
    const next = Object.entries({ kind, q, ...change }).filter(([, value]) => value !== '');
    void navigate({ to: '.', search: Object.fromEntries(next), replace: true });
  };
  const counted = useQuery(contextKindsQuery(env)).data?.kinds;
  const found = useInfiniteQuery({ ...contextsQuery(env, kind, settled), placeholderData: keepPreviousData });
  const rows = rowsOf(found.data, (page) => page.contexts);
  const total = counted?.reduce((sum, { count }) => sum + count, 0) ?? 0;
  return (
    <Stack gap="sm">
      <PageHead
        title="Organizations and users"
        count={total > 0 ? `${formatNumber(total)} seen` : undefined}
        lead="Everyone your servers have asked about lately. Open one to see what they get and why."
      />
      <Group gap="xs">
        <TextInput
          flex={1}
          miw={220}
          type="search"
          aria-label="Search organizations and users"
          placeholder="Search by key or name"
          leftSection={<IconSearch size={16} aria-hidden />}
          rightSection={q && <CloseButton size="sm" aria-label="Clear the search" onClick={() => set({ q: '' })} />}
          value={q}
          onChange={(event) => set({ q: event.currentTarget.value })}
          onKeyDown={(event) => event.key === 'Escape' && set({ q: '' })}
        />
        <SegmentedControl
          aria-label="Kind"
          value={kind}
          onChange={(next) => set({ kind: next })}
          data={[{ value: ALL, label: 'All' }, ...kindChoices(counted)]}
        />
      </Group>
      {found.error && <ErrorState error={found.error} retry={() => void found.refetch()} />}
      {found.isPending && <LoadingRows rows={10} height={60} />}
      {found.data && rows.length === 0 && <Nothing environment={env} q={settled} isEmpty={total === 0} />}
      {rows.length > 0 && (
        <VirtualList
          label="Organizations and users"
          rows={rows}
          keyOf={(row) => `${row.kind} ${row.key}`}
          estimate={60}
          onEnd={endOf(found)}
          isLoadingMore={found.isFetchingNextPage}
        >
          {(row) => <ContextRow environment={env} context={row} />}
        </VirtualList>
      )}
    </Stack>
  );
}

/** The common ones stand there from the start, so that nothing moves when the counts come. */
function kindChoices(counted: readonly { kind: string; count: number }[] = []) {
  const others = counted.map(({ kind }) => kind).filter((kind) => !(kind in NAMES));
  return [...Object.keys(NAMES), ...others].slice(0, MOST_KINDS).map((kind) => {
    const count = counted.find((one) => one.kind === kind)?.count;
    return { value: kind, label: `${NAMES[kind] ?? kind}${count === undefined ? '' : ` ${formatNumber(count)}`}` };
  });
}

function Nothing({ environment, q, isEmpty }: { environment: string; q: string; isEmpty: boolean }) {
  if (q === '') {
    return (
      <EmptyState icon={IconBuilding} title="Nobody has been seen yet">
        As soon as a server asks for a setting, whom it asked about is listed here. Servers connect with an SDK key,
        which you find under{' '}
        <Anchor
          inherit
          underline="always"
          renderRoot={(props) => <Link {...props} to="/$env/access" params={{ env: environment }} />}
        >
          Access
        </Anchor>
        .
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={IconUserSearch} title={`Nobody seen fits “${q}”`}>
      <Stack gap="xs" align="center">
        <Text>
          {isEmpty ? 'Nobody has been seen here yet.' : 'Look for part of a key or a name.'} Somebody who has not been
          seen can be looked at as well:
        </Text>
        <Group gap="md" justify="center">
          {['organization', 'user'].map((kind) => (
            <Anchor
              key={kind}
              renderRoot={(props) => (
                <Link {...props} to="/$env/contexts/$kind/$key" params={{ env: environment, kind, key: q }} />
              )}
            >
              Open {kind} {q}
            </Anchor>
          ))}
        </Group>
      </Stack>
    </EmptyState>
  );
}
