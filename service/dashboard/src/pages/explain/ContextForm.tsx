import { ActionIcon, Autocomplete, Button, Fieldset, Group, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPlus, IconX } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { contextKindsQuery, contextQuery, contextsQuery } from '../../contexts.js';
import { rowsOf } from '../../pages.js';
import { type Part, partOf } from './parts.js';

const TYPING_MS = 150;
const COMMON_KINDS = ['user', 'organization'];

interface ContextFormProps {
  environment: string;
  parts: readonly Part[];
  onChange: (parts: Part[]) => void;
}

export function ContextForm({ environment, parts, onChange }: ContextFormProps) {
  const queries = useQueryClient();
  const { data: kinds } = useQuery(contextKindsQuery(environment));
  const unused = [...new Set([...COMMON_KINDS, ...(kinds?.kinds.map(({ kind }) => kind) ?? [])])].filter(
    (kind) => !parts.some((part) => part.kind === kind),
  );
  const set = (index: number, part: Part) => onChange(parts.map((old, at) => (at === index ? part : old)));

  /** Fills in what was last seen of somebody, and who they were with. */
  const fill = async (index: number, kind: string, key: string) => {
    const seen = await queries.fetchQuery(contextQuery(environment, kind, key)).catch(() => null);
    if (!seen) return set(index, { kind, key, attributes: [] });
    const others = await Promise.all(
      Object.entries(seen.companions)
        .filter(([other]) => !parts.some((part, at) => at !== index && part.kind === other && part.key !== ''))
        .map(async ([other, otherKey]) => {
          const companion = await queries.fetchQuery(contextQuery(environment, other, otherKey)).catch(() => null);
          return partOf(other, { ...companion?.attributes, key: otherKey });
        }),
    );
    const kept = parts.filter((part, at) => at !== index && !others.some((other) => other.kind === part.kind));
    onChange([partOf(kind, { ...seen.attributes, key }), ...kept, ...others]);
  };
  const [first] = parts;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, for whom the page was opened
  useEffect(() => {
    if (first?.isSeen) void fill(0, first.kind, first.key);
  }, []);

  return (
    <Stack gap="md">
      {parts.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts are told apart by their place while they are typed
        <Fieldset key={index} legend={part.kind} p="sm" pt={4}>
          <Stack gap="xs">
            <Group gap="xs" wrap="nowrap" align="flex-end">
              <KeyInput
                environment={environment}
                part={part}
                onType={(key) => set(index, { ...part, key })}
                onChoose={(key) => void fill(index, part.kind, key)}
              />
              {parts.length > 1 && (
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size={36}
                  aria-label={`Without ${part.kind}`}
                  onClick={() => onChange(parts.filter((_, at) => at !== index))}
                >
                  <IconX size={16} />
                </ActionIcon>
              )}
            </Group>
            <Attributes part={part} onChange={(attributes) => set(index, { ...part, attributes })} />
          </Stack>
        </Fieldset>
      ))}
      <Group gap="xs">
        {unused.slice(0, 4).map((kind) => (
          <Button
            key={kind}
            size="compact-sm"
            variant="default"
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={() => onChange([...parts, { kind, key: '', attributes: [] }])}
          >
            {kind}
          </Button>
        ))}
      </Group>
    </Stack>
  );
}

function KeyInput(props: {
  environment: string;
  part: Part;
  onType: (key: string) => void;
  onChoose: (key: string) => void;
}) {
  const { environment, part, onType, onChoose } = props;
  const [settled] = useDebouncedValue(part.key, TYPING_MS);
  const found = useInfiniteQuery({
    ...contextsQuery(environment, part.kind, settled),
    placeholderData: keepPreviousData,
  });
  const seen = rowsOf(found.data, (page) => page.contexts).slice(0, 20);
  return (
    <Autocomplete
      flex={1}
      label="Key"
      placeholder={part.kind === 'organization' ? 'acme' : 'ann@acme.com'}
      autoComplete="off"
      spellCheck={false}
      data={seen.map(({ key }) => key)}
      // The service has searched already, also in names.
      filter={({ options }) => options}
      renderOption={({ option }) => (
        <Group gap="xs" wrap="nowrap" miw={0}>
          <Text size="sm">{option.value}</Text>
          <Text size="xs" c="dimmed" truncate>
            {seen.find(({ key }) => key === option.value)?.name}
          </Text>
        </Group>
      )}
      value={part.key}
      onChange={onType}
      onOptionSubmit={onChoose}
    />
  );
}

function Attributes({ part, onChange }: { part: Part; onChange: (attributes: Part['attributes']) => void }) {
  const { attributes, kind } = part;
  const set = (index: number, entry: [string, string]) => onChange(attributes.with(index, entry));
  return (
    <Stack gap={6}>
      {attributes.map(([name, value], index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: attributes are told apart by their place while they are typed
        <Group key={index} gap={6} wrap="nowrap">
          <TextInput
            size="xs"
            flex={2}
            aria-label={`Attribute ${index + 1} of ${kind}`}
            placeholder="attribute"
            value={name}
            onChange={(event) => set(index, [event.currentTarget.value, value])}
          />
          <TextInput
            size="xs"
            flex={3}
            aria-label={`Value of ${name || `attribute ${index + 1}`}`}
            placeholder="value"
            value={value}
            onChange={(event) => set(index, [name, event.currentTarget.value])}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            size={30}
            aria-label={`Without ${name || 'this attribute'}`}
            onClick={() => onChange(attributes.filter((_, at) => at !== index))}
          >
            <IconX size={14} />
          </ActionIcon>
        </Group>
      ))}
      <Button
        size="compact-xs"
        variant="subtle"
        w="fit-content"
        leftSection={<IconPlus size={13} aria-hidden />}
        onClick={() => onChange([...attributes, ['', '']])}
      >
        Attribute
      </Button>
    </Stack>
  );
}
