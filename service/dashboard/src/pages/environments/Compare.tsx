// What differs between two environments, and carrying it over.
import { Button, Checkbox, Group, Select, Stack, Text } from '@mantine/core';
import { IconArrowsLeftRight, IconCopy } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, data } from '../../api.js';
import { ConfirmDialog } from '../../components/ConfirmDialog.js';
import { useAnnounce } from '../../components/Landing.js';
import { Section } from '../../components/Section.js';
import { ErrorState, LoadingRows } from '../../components/States.js';
import { VirtualList } from '../../components/VirtualList.js';
import { WriteButton } from '../../components/WriteButton.js';
import { list } from '../../describe.js';
import { useEditReason } from '../../rights.js';
import { useVariations } from '../../variations.js';
import { type Difference, DifferenceRow } from './DifferenceRow.js';
import type { Environment } from './EnvironmentRow.js';

interface CompareProps {
  here: string;
  environments: readonly Environment[];
}

export function Compare({ here, environments }: CompareProps) {
  const [from, setFrom] = useState(() => environments.find(({ key }) => key !== here)?.key ?? here);
  const [to, setTo] = useState(here);
  const [chosen, choose] = useState<ReadonlySet<string>>(new Set());
  const [isAsked, ask] = useState(false);
  const reason = useEditReason(to);
  const variations = useVariations(to);
  const nameOf = (key: string) => environments.find((one) => one.key === key)?.name ?? key;
  const compared = useQuery({
    queryKey: [to, 'compare', from],
    queryFn: async () => {
      const params = { path: { env: to, other: from } };
      const answer = await data(api.GET('/api/v1/environments/{env}/compare/{other}', { params }));
      return answer.differences as unknown as Difference[];
    },
    enabled: from !== to,
  });
  const differences = compared.data ?? [];
  const picked = differences.filter((one) => chosen.has(idOf(one)));
  const pick = (one: Difference, isPicked: boolean) => {
    const next = new Set(chosen);
    if (isPicked) next.add(idOf(one));
    else next.delete(idOf(one));
    choose(next);
  };
  const choices = environments.map(({ key, name }) => ({ value: key, label: name }));
  const set = (change: () => void) => {
    choose(new Set());
    change();
  };
  return (
    <Section
      title="Compare and copy"
      lead="What another environment serves, beside this one. Choose what is to be the same."
    >
      <Stack gap="sm">
        <Group gap="xs" align="flex-end">
          <Select
            label="From"
            w={200}
            allowDeselect={false}
            data={choices}
            value={from}
            onChange={(key) => key && set(() => setFrom(key))}
          />
          <Button
            variant="default"
            px="sm"
            aria-label="Swap"
            onClick={() =>
              set(() => {
                setFrom(to);
                setTo(from);
              })
            }
          >
            <IconArrowsLeftRight size={16} aria-hidden />
          </Button>
          <Select
            label="To"
            w={200}
            allowDeselect={false}
            data={choices}
            value={to}
            onChange={(key) => key && set(() => setTo(key))}
          />
        </Group>
        {from === to && <Text size="sm">Choose two different environments.</Text>}
        {compared.error && <ErrorState error={compared.error} retry={() => void compared.refetch()} />}
        {compared.isLoading && <LoadingRows rows={4} height={52} />}
        {from !== to && compared.data && differences.length === 0 && (
          <Text size="sm">They serve the same: no setting and no segment differs.</Text>
        )}
        {from !== to && differences.length > 0 && (
          <>
            <Text size="sm" c="dimmed">
              What would change in {nameOf(to)} if it were as in {nameOf(from)}:
            </Text>
            <Group justify="space-between">
              <Checkbox
                label={`${differences.length} ${differences.length === 1 ? 'differs' : 'differ'}`}
                checked={picked.length === differences.length}
                indeterminate={picked.length > 0 && picked.length < differences.length}
                onChange={(event) => choose(new Set(event.currentTarget.checked ? differences.map(idOf) : []))}
              />
              <WriteButton
                size="sm"
                reason={reason ?? (picked.length === 0 ? 'Choose what to copy first.' : undefined)}
                leftSection={<IconCopy size={16} aria-hidden />}
                onClick={() => ask(true)}
              >
                Copy {picked.length > 0 && picked.length} to {nameOf(to)}
              </WriteButton>
            </Group>
            <VirtualList label="Differences" rows={differences} keyOf={idOf} estimate={60}>
              {(one) => (
                <DifferenceRow
                  difference={one}
                  variations={variations}
                  names={{ here: nameOf(to), there: nameOf(from) }}
                  isChosen={chosen.has(idOf(one))}
                  onChoose={(isPicked) => pick(one, isPicked)}
                />
              )}
            </VirtualList>
          </>
        )}
      </Stack>
      <CopyDialog
        opened={isAsked}
        onClose={() => ask(false)}
        onDone={() => choose(new Set())}
        from={from}
        to={to}
        name={nameOf}
        picked={picked}
      />
    </Section>
  );
}

function CopyDialog(props: {
  opened: boolean;
  onClose: () => void;
  onDone: () => void;
  from: string;
  to: string;
  name: (key: string) => string;
  picked: readonly Difference[];
}) {
  const { opened, onClose, onDone, from, to, name, picked } = props;
  const queries = useQueryClient();
  const announce = useAnnounce();
  const keysOf = (kind: string) => picked.filter((one) => one.kind === kind).map(({ key }) => key);
  const copy = useMutation({
    mutationFn: () => {
      const body = { from, settings: keysOf('setting'), segments: keysOf('segment') };
      return data(api.POST('/api/v1/environments/{env}/copy', { params: { path: { env: to } }, body }));
    },
    onSuccess: async ({ revision }) => {
      onClose();
      onDone();
      announce({ environment: to, revision, what: `Copied from ${name(from)} to ${name(to)}` });
      await queries.invalidateQueries({ queryKey: [to] });
    },
  });
  return (
    <ConfirmDialog
      opened={opened}
      onClose={onClose}
      title={`Copy to ${name(to)}?`}
      verb={`Copy to ${name(to)}`}
      isDestructive={to === 'production'}
      isPending={copy.isPending}
      error={copy.error}
      onConfirm={() => copy.mutate()}
    >
      {list(
        picked.map(({ key }) => key),
        'and',
        6,
      )}{' '}
      will be in {name(to)} as in {name(from)}: at once, as one revision, for everybody. It can be reverted under
      Activity.
    </ConfirmDialog>
  );
}

function idOf({ kind, key }: Difference): string {
  return `${kind} ${key}`;
}
