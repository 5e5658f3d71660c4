// Somebody else has saved while this was edited.
import { Alert, Button, Group, Radio, SimpleGrid, Stack, Text } from '@mantine/core';
import { IconGitMerge } from '@tabler/icons-react';
import { useState } from 'react';
import { DiffView } from '../../components/DiffView.js';
import { list } from '../../describe.js';
import { describeChange, fieldName } from '../../describe-change.js';
import { useLive } from '../../live.js';
import type { Definition } from '../../settings.js';
import { useVariations } from '../../variations.js';
import type { Draft, Field } from './draft.js';
import type { Editing } from './useDraft.js';

interface MergeNoticeProps {
  environment: string;
  editing: Editing;
  definition: Definition;
}

export function MergeNotice({ environment, editing, definition }: MergeNoticeProps) {
  const { conflict, wasMerged } = editing;
  const author = useAuthor(definition.key);
  if (conflict) {
    return <Conflict key={editing.base.item.version} environment={environment} editing={editing} author={author} />;
  }
  if (!wasMerged) return null;
  return (
    <Alert color="blue" variant="light" icon={<IconGitMerge aria-hidden />} role="status">
      {author} saved another change meanwhile. It is live and taken in here; your edits are kept on top of it.
    </Alert>
  );
}

/** Both versions of every field that both have changed, to choose from. */
function Conflict({ environment, editing, author }: Omit<MergeNoticeProps, 'definition'> & { author: string }) {
  const { key } = editing.base.item;
  const all = useVariations(environment);
  const { draft, conflict, resolve, discard } = editing;
  const [theirs, setTheirs] = useState<ReadonlySet<Field>>(new Set());
  const choose = (field: Field, whose: string) => {
    const next = new Set(theirs);
    if (whose === 'theirs') next.add(field);
    else next.delete(field);
    setTheirs(next);
  };
  if (conflict === undefined) return null;
  const sides = [
    { whose: 'mine', label: 'My version, over theirs', version: draft },
    { whose: 'theirs', label: 'Their version, as it is live', version: conflict.theirs },
  ];
  return (
    <Alert
      color="orange"
      variant="default"
      icon={<IconGitMerge aria-hidden color="var(--mantine-color-orange-6)" />}
      title={`${author} has changed the same just now`}
      role="alert"
    >
      <Stack gap="md">
        <Text size="sm">What they saved is live. Choose what is to be saved over it; nothing is lost until then.</Text>
        {conflict.fields.map((field) => (
          <Radio.Group
            key={field}
            label={fieldName(field)}
            value={theirs.has(field) ? 'theirs' : 'mine'}
            onChange={(whose) => choose(field, whose)}
          >
            <SimpleGrid cols={{ base: 1, md: 2 }} mt={4}>
              {sides.map(({ whose, label, version }) => (
                <Stack key={whose} gap={6}>
                  <Radio value={whose} label={label} />
                  <Text size="sm">{sentencesOf(conflict.was, version, field)}</Text>
                  <DiffView
                    item={{ kind: 'definition', key, before: pick(conflict.was, field), after: pick(version, field) }}
                    variations={{ ...all, [key]: version.variations }}
                  />
                </Stack>
              ))}
            </SimpleGrid>
          </Radio.Group>
        ))}
        <Group gap="xs">
          <Button size="xs" onClick={() => resolve(theirs)}>
            Go on with these
          </Button>
          <Button size="xs" variant="default" onClick={discard}>
            Discard all my changes
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}

/** Who made the newest change of the setting, as far as this page has seen it happen. */
function useAuthor(key: string): string {
  const { changes } = useLive();
  return changes.find(({ items }) => items.some((item) => item.key === key))?.author ?? 'Somebody';
}

function sentencesOf(was: Draft, version: Draft, field: Field): string {
  return list(describeChange(pick(was, field), pick(version, field), version.variations), 'and', 5);
}

function pick(draft: Draft, field: Field): Partial<Draft> {
  return { [field]: draft[field] };
}
