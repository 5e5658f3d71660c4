// What somebody gets and why, now or at an earlier revision: anybody, seen or made up.
import { Alert, Grid, Group, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch, IconZoomQuestion } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useParams, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { JsonEditor, parseJson } from '../components/JsonEditor.js';
import { PageHead } from '../components/PageHead.js';
import { Section } from '../components/Section.js';
import { EmptyState, ErrorState, LoadingRows } from '../components/States.js';
import { VirtualList } from '../components/VirtualList.js';
import { isSameJson } from '../json.js';
import { useLive } from '../live.js';
import type { Json } from '../model.js';
import { overviewQuery } from '../settings.js';
import { evaluateQuery } from '../trace.js';
import { ContextForm } from './explain/ContextForm.js';
import { contextOf, type Part, partsOf } from './explain/parts.js';
import { ResultRow } from './explain/ResultRow.js';
import { RevisionSelect } from './explain/RevisionSelect.js';

const TYPING_MS = 250;

export default function Explain() {
  const { env } = useParams({ from: '/$env/explain' });
  const prefill: { kind?: string; key?: string; revision?: number } = useSearch({ strict: false });
  const [mode, setMode] = useState<'form' | 'json'>('form');
  const [parts, setParts] = useState<Part[]>(() => [
    { kind: prefill.kind ?? 'user', key: String(prefill.key ?? ''), attributes: [], isSeen: prefill.key !== undefined },
  ]);
  const [text, setText] = useState('');
  const [revision, setRevision] = useState<number | undefined>(prefill.revision);
  const parsed = mode === 'json' ? parseJson(text) : undefined;
  const fault = parsed && 'fault' in parsed ? parsed.fault : undefined;
  const written = parsed && 'value' in parsed ? (parsed.value as Json) : undefined;
  const named = contextOf(written === undefined ? parts : partsOf(written));
  const context = named && (written ?? named);
  const switchTo = (next: 'form' | 'json') => {
    if (next === 'json') setText(JSON.stringify(contextOf(parts) ?? { kind: 'user', key: '' }, null, 2));
    else if (context !== undefined) setParts(partsOf(context));
    setMode(next);
  };
  return (
    <Stack gap="md">
      <PageHead
        title="Explain"
        lead="What a user or an organization gets, and why: rule by rule, now or at an earlier revision."
      />
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, lg: 4.5 }}>
          <Stack gap="md">
            <Section
              title="Who"
              action={
                <SegmentedControl
                  size="xs"
                  aria-label="How to say who"
                  value={mode}
                  onChange={(next) => switchTo(next as 'form' | 'json')}
                  data={[
                    { value: 'form', label: 'Form' },
                    { value: 'json', label: 'JSON' },
                  ]}
                />
              }
            >
              {mode === 'form' ? (
                <ContextForm environment={env} parts={parts} onChange={setParts} />
              ) : (
                <JsonEditor
                  label="Context"
                  value={text}
                  onChange={setText}
                  error={fault}
                  minHeight={220}
                  description="As an SDK is given it"
                />
              )}
            </Section>
            <Section title="When">
              <RevisionSelect environment={env} revision={revision} onChange={setRevision} />
            </Section>
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 7.5 }}>
          <Results environment={env} context={fault === undefined ? context : undefined} revision={revision} />
        </Grid.Col>
      </Grid>
    </Stack>
  );
}

function Results(props: { environment: string; context: Json | undefined; revision: number | undefined }) {
  const { environment, revision } = props;
  const [context] = useDebouncedValue(props.context, TYPING_MS);
  const [q, setQ] = useState('');
  const [onlyChanged, setOnlyChanged] = useState(false);
  const { revision: present } = useLive();
  const isPast = revision !== undefined && revision !== present;
  const asked = { enabled: context !== undefined, placeholderData: keepPreviousData };
  const then = useQuery({ ...evaluateQuery(environment, context ?? null, { revision }), ...asked });
  const now = useQuery({ ...evaluateQuery(environment, context ?? null), ...asked, enabled: asked.enabled && isPast });
  const { data: overview } = useQuery(overviewQuery(environment));
  const details = useMemo(() => new Map(overview?.map((row) => [row.key, row])), [overview]);
  if (context === undefined) {
    return (
      <EmptyState icon={IconZoomQuestion} title="Say who it is about">
        Type the key of a user or an organization. Those seen are suggested, with what is known of them.
      </EmptyState>
    );
  }
  if (then.error) return <ErrorState error={then.error} retry={() => void then.refetch()} />;
  if (then.data === undefined) return <LoadingRows rows={8} height={60} />;
  const all = Object.entries(then.data.results).map(([key, result]) => {
    const current = isPast ? now.data?.results[key] : undefined;
    return { key, result, current, isChanged: current !== undefined && !isSameJson(current.value, result.value) };
  });
  const changed = all.filter((row) => row.isChanged).length;
  const rows = all.filter(
    ({ key, isChanged }) =>
      (!onlyChanged || !isPast || isChanged) &&
      `${key}\n${details.get(key)?.name ?? ''}`.toLowerCase().includes(q.trim().toLowerCase()),
  );
  return (
    <Stack gap="sm">
      <Group gap="xs">
        <TextInput
          flex={1}
          miw={180}
          type="search"
          aria-label="Search settings"
          placeholder={`Search ${all.length} settings`}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={q}
          onChange={(event) => setQ(event.currentTarget.value)}
        />
        {isPast && (
          <SegmentedControl
            aria-label="Which settings"
            value={onlyChanged ? 'changed' : 'all'}
            onChange={(value) => setOnlyChanged(value === 'changed')}
            data={[
              { value: 'all', label: 'All' },
              { value: 'changed', label: `Changed since ${changed}` },
            ]}
          />
        )}
      </Group>
      {isPast && (
        <Alert color="blue" variant="light" p="xs" role="status">
          As it was at revision {then.data.revision}.{' '}
          {changed === 0 ? 'No value has changed since.' : `${changed} of ${all.length} values have changed since.`}
        </Alert>
      )}
      {rows.length === 0 ? (
        <Text c="dimmed" py="lg" ta="center">
          {onlyChanged ? 'No value has changed since.' : 'No setting fits. Look for part of a key or a name.'}
        </Text>
      ) : (
        <VirtualList label="Values" rows={rows} keyOf={(row) => row.key} estimate={60}>
          {(row) => (
            <ResultRow environment={environment} setting={details.get(row.key)} isPast={isPast} {...rest(row)} />
          )}
        </VirtualList>
      )}
    </Stack>
  );
}

/** `key` is React's own. */
function rest<Row extends { key: string }>({ key, ...others }: Row) {
  return { settingKey: key, ...others };
}
