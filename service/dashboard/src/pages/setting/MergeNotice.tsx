// Somebody else has saved while this was edited.
import { Alert, Button, Group, Radio, SimpleGrid, Stack, Text } from '@mantine/core';
import { IconGitMerge } from '@tabler/icons-react';
import { useState } from 'react';
import { DiffView } from '../../components/DiffView.js';
import { list } from '../../describe.js';
import { describeChange, fieldName } from '../../describe-change.js';
import { useLive } from '../../live.js';
import type { Json } from '../../model.js';
import type { Definition } from '../../settings.js';
import type { Draft, Field } from './draft.js';
import type { Editing } from './useDraft.js';

export function MergeNotice({ editing, definition }: { editing: Editing; definition: Definition }) {
  const { conflict, wasMerged } = editing;
  const author = useAuthor(definition.key);
  if (conflict) return <Conflict key={editing.base.item.version} editing={editing} author={author} />;
  if (!wasMerged) return null;
  return (
    <Alert color="blue" variant="light" icon={<IconGitMerge aria-hidden />} role="status">
      {author} saved another change meanwhile. It is live and taken in here; your edits are kept on top of it.
    </Alert>
  );
}

/** Both versions of every field that both have changed, to choose from. */
function Conflict({ editing, author }: { editing: Editing; author: string }) {
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
                  <DiffView before={fieldOf(conflict.was, field)} after={fieldOf(version, field)} />
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
  const [before, after] = [was, version].map((side) => ({ [field]: side[field] }));
  return list(describeChange(before ?? {}, after ?? {}, version.variations), 'and', 5);
}

function fieldOf(draft: Draft, field: Field): Json {
  return draft[field] as unknown as Json;
}
