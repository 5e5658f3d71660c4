import { Badge, Button, Collapse, Group, Paper, Stack, Text } from '@mantine/core';
import { IconArrowBackUp, IconChevronDown, IconHistory } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, data } from '../../api.js';
import { DiffView } from '../../components/DiffView.js';
import { RelativeTime } from '../../components/RelativeTime.js';
import { EmptyState, ErrorState, LoadingRows } from '../../components/States.js';
import { describeChange, describedOf } from '../../describe-change.js';
import type { Json, Variation } from '../../model.js';
import { canEdit, useSession } from '../../session.js';
import { useVariations } from '../../variations.js';
import { RevertDialog } from './RevertDialog.js';

const PAGE = 30;

interface HistoryTabProps {
  environment: string;
  settingKey: string;
  variations: readonly Variation[];
}

export type Entry = Awaited<ReturnType<typeof readPage>>['entries'][number];

function readPage(environment: string, setting: string, cursor: string | undefined) {
  const query = { environment, setting, limit: PAGE, ...(cursor !== undefined && { cursor }) };
  return data(api.GET('/api/v1/audit', { params: { query } }));
}

/** Who changed it here or everywhere, newest first, each with the way back. */
export function HistoryTab({ environment, settingKey, variations }: HistoryTabProps) {
  const history = useInfiniteQuery({
    queryKey: [environment, 'history', settingKey],
    queryFn: ({ pageParam }) => readPage(environment, settingKey, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });
  const [reverting, revert] = useState<Entry>();
  if (history.error) return <ErrorState error={history.error} retry={() => void history.refetch()} />;
  if (history.data === undefined) return <LoadingRows rows={5} height={64} />;
  const entries = history.data.pages.flatMap((page) => page.entries);
  if (entries.length === 0) {
    return (
      <EmptyState icon={IconHistory} title="No history">
        What is changed from now on stands here.
      </EmptyState>
    );
  }
  return (
    <Stack gap={8}>
      {entries.map((entry) => (
        <HistoryEntry
          key={entry.id}
          entry={entry}
          environment={environment}
          settingKey={settingKey}
          variations={variations}
          onRevert={() => revert(entry)}
        />
      ))}
      {history.hasNextPage && (
        <Button variant="default" loading={history.isFetchingNextPage} onClick={() => history.fetchNextPage()}>
          Show older changes
        </Button>
      )}
      <RevertDialog environment={environment} entry={reverting} onClose={() => revert(undefined)} />
    </Stack>
  );
}

interface HistoryEntryProps extends HistoryTabProps {
  entry: Entry;
  onRevert: () => void;
}

function HistoryEntry({ entry, environment, settingKey, variations, onRevert }: HistoryEntryProps) {
  const [isOpen, setOpen] = useState(false);
  const all = useVariations(environment);
  const mayRevert = canEdit(useSession(), environment) && entry.revertible;
  const items = entry.items.filter(({ key, environment: where }) => {
    return key === settingKey && (where === null || where === environment);
  });
  const others = entry.items.length - items.length;
  return (
    <Paper withBorder radius="md" px="md" py="sm">
      <Group justify="space-between" align="flex-start" gap="sm">
        <div style={{ minWidth: 0, flex: '1 1 260px' }}>
          <Text size="sm" fw={500}>
            {sentenceOf(entry, items, variations)}
          </Text>
          {entry.comment && (
            <Text size="sm" mt={2}>
              “{entry.comment}”
            </Text>
          )}
          <Group gap={6} mt={2}>
            <Text size="xs" c="dimmed">
              {entry.actor.name} · <RelativeTime at={entry.at} />
              {entry.revision !== null && ` · revision ${entry.revision}`}
              {others > 0 && ` · with ${others} more ${others === 1 ? 'item' : 'items'}`}
            </Text>
            {entry.reverts !== null && (
              <Badge size="sm" variant="light" color="gray" tt="none" radius="sm">
                takes a change back
              </Badge>
            )}
          </Group>
        </div>
        <Group gap={6} wrap="nowrap">
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            aria-expanded={isOpen}
            rightSection={<IconChevronDown size={14} aria-hidden />}
            onClick={() => setOpen(!isOpen)}
          >
            Difference
          </Button>
          {mayRevert && (
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<IconArrowBackUp size={14} aria-hidden />}
              onClick={onRevert}
            >
              Revert
            </Button>
          )}
        </Group>
      </Group>
      <Collapse expanded={isOpen}>
        <Stack gap="xs" mt="sm">
          {isOpen &&
            items.map((item) => (
              <DiffView key={item.kind} item={item} variations={{ ...all, [settingKey]: variations }} />
            ))}
        </Stack>
      </Collapse>
    </Paper>
  );
}

function sentenceOf(entry: Entry, items: Entry['items'], variations: readonly Variation[]): string {
  if (items.some(({ before }) => before === null)) return 'Created';
  if (items.some(({ after }) => after === null)) return 'Deleted';
  const sentences = items.flatMap(({ kind, before, after }) =>
    describeChange(describedOf(kind, before as Json), describedOf(kind, after as Json), variations),
  );
  const text = sentences.join('; ') || (entry.action === 'setting.change' ? 'Details changed' : entry.action);
  return text.charAt(0).toUpperCase() + text.slice(1);
}
