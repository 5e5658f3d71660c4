import { SegmentedControl, Stack } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconGitPullRequest } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import { type ChangeSet, changeSetsQuery } from '../change-sets.js';
import { PageHead } from '../components/PageHead.js';
import { EmptyState, ErrorState, LoadingRows } from '../components/States.js';
import { VirtualList } from '../components/VirtualList.js';
import { endOf, rowsOf } from '../pages.js';
import { ChangeSetRow } from './change-sets/ChangeSetRow.js';

const IS_IN: Record<string, (changeSet: ChangeSet) => boolean> = {
  open: ({ state }) => state !== 'applied' && state !== 'rejected',
  waiting: ({ state }) => state === 'submitted',
  scheduled: ({ state }) => state === 'scheduled',
  done: ({ state }) => state === 'applied' || state === 'rejected',
};

export default function ChangeSets() {
  const { env } = useParams({ from: '/$env/change-sets' });
  const { view = 'open', id }: { view?: string; id?: string } = useSearch({ strict: false });
  const navigate = useNavigate();
  const isNarrow = useMediaQuery('(max-width: 36em)', false, { getInitialValueInEffect: false });
  const found = useInfiniteQuery(changeSetsQuery(env));
  const all = rowsOf(found.data, (page) => page.changeSets);
  const rows = all.filter(IS_IN[view] ?? IS_IN.open ?? (() => true));
  const count = (name: string) => `${all.filter(IS_IN[name] ?? (() => true)).length}${found.hasNextPage ? '+' : ''}`;
  const isLooking = rows.length === 0 && found.hasNextPage;
  const { fetchNextPage, isFetchingNextPage } = found;
  // What is looked for may be on a later page.
  useEffect(() => {
    if (isLooking && !isFetchingNextPage) void fetchNextPage();
  }, [isLooking, isFetchingNextPage, fetchNextPage]);
  return (
    <Stack gap="sm">
      <PageHead
        title="Change sets"
        lead="Changes kept for later: drafts, those that wait for a second member, and those that have a time."
      />
      <SegmentedControl
        aria-label="Which change sets"
        w="fit-content"
        maw="100%"
        size={isNarrow ? 'xs' : 'sm'}
        value={view}
        onChange={(next) => navigate({ to: '.', search: next === 'open' ? {} : { view: next }, replace: true })}
        data={[
          { value: 'open', label: `Open ${count('open')}` },
          { value: 'waiting', label: `To approve ${count('waiting')}` },
          { value: 'scheduled', label: `Scheduled ${count('scheduled')}` },
          { value: 'done', label: 'Done' },
        ]}
      />
      {found.error && <ErrorState error={found.error} retry={() => void found.refetch()} />}
      {(found.isPending || isLooking) && <LoadingRows rows={5} height={68} />}
      {found.data && rows.length === 0 && !isLooking && (
        <EmptyState icon={IconGitPullRequest} title={view === 'open' ? 'Nothing is kept for later' : 'None'}>
          Change a setting or a segment, and choose “Save as draft”, “Ask for approval” or “Schedule” when you save it.
        </EmptyState>
      )}
      {rows.length > 0 && (
        <VirtualList
          label="Change sets"
          rows={rows}
          keyOf={(row) => row.id}
          estimate={68}
          onEnd={endOf(found)}
          isLoadingMore={found.isFetchingNextPage}
        >
          {(row) => <ChangeSetRow changeSet={row} startsOpen={row.id === id} />}
        </VirtualList>
      )}
    </Stack>
  );
}
