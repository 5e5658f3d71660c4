import { CloseButton, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPlus, IconSearch, IconUsersGroup } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import links from '../components/links.module.css';
import { PageHead } from '../components/PageHead.js';
import { EmptyState, ErrorState, LoadingRows } from '../components/States.js';
import { VirtualList } from '../components/VirtualList.js';
import { WriteButton } from '../components/WriteButton.js';
import { endOf, rowsOf } from '../pages.js';
import { useEditReason } from '../rights.js';
import { describeSegment, type SegmentItem, type SegmentUsage, segmentsQuery, segmentUsageQuery } from '../segments.js';
import { CreateSegment } from './segments/CreateSegment.js';
import classes from './segments/segments.module.css';

const TYPING_MS = 120;

export default function Segments() {
  const { env } = useParams({ from: '/$env/segments' });
  const [text, setText] = useState('');
  const [q] = useDebouncedValue(text.trim(), TYPING_MS);
  const [isCreating, setCreating] = useState(false);
  const reason = useEditReason(env);
  const found = useInfiniteQuery({ ...segmentsQuery(env, q), placeholderData: keepPreviousData });
  const { data: usage } = useQuery(segmentUsageQuery(env));
  const rows = rowsOf(found.data, (page) => page.segments);
  const create = (
    <WriteButton reason={reason} leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setCreating(true)}>
      New segment
    </WriteButton>
  );
  return (
    <Stack gap="sm">
      <PageHead
        title="Segments"
        count={found.data && `${rows.length}${found.hasNextPage ? '+' : ''}`}
        lead="Sets of users or organizations with a name, for rules to ask for."
      >
        {create}
      </PageHead>
      <TextInput
        type="search"
        aria-label="Search segments"
        placeholder="Search by key, name or description"
        leftSection={<IconSearch size={16} aria-hidden />}
        rightSection={text && <CloseButton size="sm" aria-label="Clear the search" onClick={() => setText('')} />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {found.error && <ErrorState error={found.error} retry={() => void found.refetch()} />}
      {found.isPending && <LoadingRows rows={6} height={60} />}
      {found.data && rows.length === 0 && (
        <EmptyState icon={IconUsersGroup} title={q ? 'No segment fits' : 'No segments yet'}>
          <Stack gap="md" align="center">
            <Text>
              {q
                ? 'Look for part of a key, a name or a description.'
                : 'Make one for a set that several settings are to know, such as the customers of a pilot.'}
            </Text>
            {q === '' && create}
          </Stack>
        </EmptyState>
      )}
      {rows.length > 0 && (
        <VirtualList
          label="Segments"
          rows={rows}
          keyOf={(row) => row.key}
          estimate={60}
          onEnd={endOf(found)}
          isLoadingMore={found.isFetchingNextPage}
        >
          {(row) => <Row environment={env} segment={row} usage={usage && (usage[row.key] ?? NOBODY)} />}
        </VirtualList>
      )}
      <CreateSegment environment={env} opened={isCreating} onClose={() => setCreating(false)} />
    </Stack>
  );
}

const NOBODY: SegmentUsage = { settings: [], segments: [] };

function Row(props: { environment: string; segment: SegmentItem; usage: SegmentUsage | undefined }) {
  const { environment, segment, usage } = props;
  const { key, name, description } = segment;
  return (
    <div className={classes.row}>
      <div className={classes.cell}>
        <Link
          to="/$env/segments/$key"
          params={{ env: environment, key }}
          className={`${links.name} ${links.covering}`}
          title={description || name}
        >
          {name || key}
        </Link>
        <Text size="xs" c="dimmed" ff="monospace" truncate>
          {key}
        </Text>
      </div>
      <Text size="sm" className={classes.who}>
        {describeSegment(segment)}
      </Text>
      <Text size="sm" c="dimmed" className={classes.usage}>
        {usage && usageLabel(usage)}
      </Text>
    </div>
  );
}

function usageLabel({ settings, segments }: SegmentUsage): string {
  const count = settings.length + segments.length;
  if (count === 0) return 'not used';
  const names = [...settings, ...segments];
  return count === 1 ? `used by ${names[0]}` : `used by ${count}`;
}
