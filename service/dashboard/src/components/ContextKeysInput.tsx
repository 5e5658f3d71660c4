import { Group, Loader, TagsInput, Text, Textarea, UnstyledButton } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconBuilding, IconUser } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { api, data } from '../api.js';
import { countOfKind } from '../describe.js';

interface ContextKeysInputProps {
  environment: string;
  /** `user`, `organization` or another kind. */
  kind: string;
  keys: readonly string[];
  onChange: (keys: string[]) => void;
  label?: string;
  /** For screen readers where no label is shown. */
  'aria-label'?: string;
  placeholder?: string;
  disabled?: boolean;
}

/** More pills than this are no list any more that a person reads. */
const MOST_PILLS = 40;
const TYPING_MS = 150;

/** Keys of one kind, with those seen lately as suggestions; a pasted list is taken as several. Many are edited as text. */
export function ContextKeysInput(props: ContextKeysInputProps) {
  const { environment, kind, keys, onChange, label, placeholder, disabled } = props;
  const [q, search] = useState('');
  const [asText, setAsText] = useState(keys.length > MOST_PILLS);
  const [settled] = useDebouncedValue(q, TYPING_MS);
  const countId = useId();
  const seen = useQuery({
    queryKey: ['seen', environment, kind, settled],
    queryFn: () => {
      const query = { kind, limit: 20, ...(settled !== '' && { q: settled }) };
      return data(api.GET('/api/v1/environments/{env}/contexts', { params: { path: { env: environment }, query } }));
    },
    placeholderData: keepPreviousData,
    enabled: !disabled && !asText,
  });
  const names = new Map(seen.data?.contexts.map(({ key, name }) => [key, name]));
  const common = { label, 'aria-label': props['aria-label'], disabled, 'aria-describedby': countId };
  return (
    <div>
      {asText ? (
        <Textarea
          {...common}
          autosize
          minRows={3}
          maxRows={12}
          spellCheck={false}
          placeholder="One key per line"
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          defaultValue={keys.join('\n')}
          onBlur={(event) => onChange(keysOf(event.currentTarget.value))}
        />
      ) : (
        <TagsInput
          {...common}
          leftSection={
            kind === 'organization' ? <IconBuilding size={15} aria-hidden /> : <IconUser size={15} aria-hidden />
          }
          placeholder={keys.length === 0 ? (placeholder ?? `Key of a ${kind}`) : ''}
          value={[...keys]}
          onChange={(next) => onChange(unique(next))}
          searchValue={q}
          onSearchChange={search}
          data={[...names.keys()]}
          // The service has searched already, also in names, which stand beside the keys.
          filter={({ options }) => options.filter((option) => 'value' in option && !keys.includes(option.value))}
          renderOption={({ option }) => (
            <Group gap="xs" wrap="nowrap">
              <Text size="sm">{option.value}</Text>
              <Text size="xs" c="dimmed" truncate>
                {names.get(option.value)}
              </Text>
            </Group>
          )}
          splitChars={[',', ';', '\n', '\t']}
          acceptValueOnBlur
          maxDropdownHeight={260}
          rightSection={seen.isFetching && q !== settled ? <Loader size={14} /> : null}
        />
      )}
      <Group id={countId} gap="xs" mt={2}>
        {keys.length > 3 && (
          <Text size="xs" c="dimmed">
            {countOfKind(keys.length, kind)}
          </Text>
        )}
        {keys.length > 3 && !disabled && (
          <UnstyledButton fz="xs" c="var(--mantine-color-anchor)" onClick={() => setAsText(!asText)}>
            {asText ? 'Edit as a list' : 'Edit as text'}
          </UnstyledButton>
        )}
      </Group>
    </div>
  );
}

function keysOf(text: string): string[] {
  return unique(text.split(/[\n,;\t]/).map((key) => key.trim()));
}

function unique(keys: readonly string[]): string[] {
  return [...new Set(keys)].filter((key) => key !== '');
}
