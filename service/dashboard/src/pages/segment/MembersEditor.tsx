import { Button, Group, Popover, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { ContextKeysInput } from '../../components/ContextKeysInput.js';
import type { Members } from './draft.js';

const NAMES: Readonly<Record<string, string>> = { organization: 'Organizations', user: 'Users' };

interface MembersEditorProps {
  environment: string;
  members: readonly Members[];
  onChange: (members: Members[]) => void;
}

function nameOf(kind: string): string {
  return NAMES[kind] ?? `Kind ${kind}`;
}

export function MembersEditor({ environment, members, onChange }: MembersEditorProps) {
  const set = (index: number, parts: Partial<Members>) =>
    onChange(members.map((old, at) => (at === index ? { ...old, ...parts } : old)));
  return (
    <Stack gap="md">
      {members.map(({ kind, included, excluded }, index) => (
        <SimpleGrid key={kind} cols={{ base: 1, sm: 2 }} spacing="md">
          <ContextKeysInput
            environment={environment}
            kind={kind}
            label={`${nameOf(kind)} always in`}
            placeholder="Type a key"
            keys={included}
            onChange={(keys) => set(index, { included: keys })}
          />
          <ContextKeysInput
            environment={environment}
            kind={kind}
            label={`${nameOf(kind)} never in`}
            placeholder="Type a key"
            keys={excluded}
            onChange={(keys) => set(index, { excluded: keys })}
          />
        </SimpleGrid>
      ))}
      <OtherKind
        known={members.map(({ kind }) => kind)}
        onAdd={(kind) => onChange([...members, { kind, included: [], excluded: [] }])}
      />
    </Stack>
  );
}

/** For those who may not change them. */
export function MembersList({ members }: Pick<MembersEditorProps, 'members'>) {
  const lists = members.flatMap(({ kind, included, excluded }) => [
    { name: `${nameOf(kind)} always in`, keys: included },
    { name: `${nameOf(kind)} never in`, keys: excluded },
  ]);
  const shown = lists.filter(({ keys }) => keys.length > 0);
  if (shown.length === 0) return <Text size="sm">Nobody is listed by key.</Text>;
  return shown.map(({ name, keys }) => (
    <div key={name}>
      <Text size="sm" fw={500}>
        {name}
      </Text>
      <Text size="sm" ff="monospace" mah={240} style={{ overflow: 'auto', overflowWrap: 'anywhere' }}>
        {keys.join(', ')}
      </Text>
    </div>
  ));
}

function OtherKind({ known, onAdd }: { known: readonly string[]; onAdd: (kind: string) => void }) {
  const [isOpen, setOpen] = useState(false);
  const [kind, setKind] = useState('');
  return (
    <Popover opened={isOpen} onChange={setOpen} trapFocus>
      <Popover.Target>
        <Button
          size="compact-xs"
          variant="subtle"
          w="fit-content"
          leftSection={<IconPlus size={13} aria-hidden />}
          onClick={() => setOpen(true)}
        >
          Another kind
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (!known.includes(kind)) onAdd(kind);
            setKind('');
            setOpen(false);
          }}
        >
          <Group gap="xs" align="flex-end">
            <TextInput
              label="Kind of context"
              placeholder="device"
              required
              pattern="[A-Za-z0-9._\-]+"
              value={kind}
              onChange={(event) => setKind(event.currentTarget.value)}
            />
            <Button type="submit">Add</Button>
          </Group>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
