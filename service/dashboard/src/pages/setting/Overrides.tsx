import { Autocomplete, Button, Group, Select, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { api, data } from '../../api.js';
import { ContextKeysInput } from '../../components/ContextKeysInput.js';
import { variationColor } from '../../components/RolloutEditor.js';
import { Section } from '../../components/Section.js';
import { variationLabel } from '../../describe.js';
import { setKey, setKeys } from '../../overrides.js';
import type { Draft } from './draft.js';
import classes from './setting.module.css';
import type { Editing } from './useDraft.js';

export interface PartProps {
  environment: string;
  draft: Draft;
  edit: Editing['edit'];
  disabled: boolean;
  onNewValue: ((use: (index: number) => void) => void) | undefined;
}

const KINDS = ['organization', 'user'];
const NEW = 'new';
const TYPING_MS = 150;

/** Single organizations and users who get a value whatever the rules say. */
export function Overrides(props: PartProps) {
  const { environment, draft, edit, disabled } = props;
  const { overrides, variations } = draft;
  const used = variations
    .map((_, index) => index)
    .filter((index) => overrides.some(({ variation, keys }) => variation === index && keys.length > 0));
  return (
    <Section title="Overrides" lead="Single organizations and users, ahead of all rules.">
      <Stack gap="sm">
        {!disabled && <AddOverride {...props} />}
        {used.map((variation) => (
          <Group key={variation} gap="sm" align="flex-start">
            <Group gap={8} wrap="nowrap" w={150} pt={7}>
              <span
                aria-hidden
                className={classes.dot}
                style={{ background: `var(--mantine-color-${variationColor(variation).replace('.', '-')})` }}
              />
              <Text size="sm" fw={600} truncate title={variationLabel(variation, variations)}>
                {variationLabel(variation, variations)}
              </Text>
            </Group>
            <Stack gap={6} flex={1} miw={220}>
              {overrides
                .filter((override) => override.variation === variation && override.keys.length > 0)
                .map(({ kind, keys }) => (
                  <ContextKeysInput
                    key={kind}
                    environment={environment}
                    kind={kind}
                    keys={keys}
                    disabled={disabled}
                    aria-label={`${kind} keys that get ${variationLabel(variation, variations)}`}
                    onChange={(next) => edit((now) => ({ overrides: setKeys(now.overrides, kind, variation, next) }))}
                  />
                ))}
            </Stack>
          </Group>
        ))}
        {used.length === 0 && disabled && (
          <Text size="sm" c="dimmed">
            None.
          </Text>
        )}
      </Stack>
    </Section>
  );
}

/** `organization` `acme` gets `On`: one line, one Enter. */
function AddOverride({ environment, draft, edit, onNewValue }: PartProps) {
  const { variations } = draft;
  const [kind, setKind] = useState('organization');
  const [key, setKey_] = useState('');
  const [choice, setChoice] = useState('0');
  const input = useRef<HTMLInputElement>(null);
  const [settled] = useDebouncedValue(key, TYPING_MS);
  const { data: seen } = useQuery({
    queryKey: ['seen', environment, kind, settled],
    queryFn: () => {
      const query = { kind, limit: 20, ...(settled !== '' && { q: settled }) };
      return data(api.GET('/api/v1/environments/{env}/contexts', { params: { path: { env: environment }, query } }));
    },
    placeholderData: keepPreviousData,
  });
  const names = new Map(seen?.contexts.map((context) => [context.key, context.name]));
  const add = (variation: number) => {
    if (key.trim() === '') return;
    edit((now) => ({ overrides: setKey(now.overrides, kind, key.trim(), variation) }));
    setKey_('');
    input.current?.focus();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add(Number(choice));
  };
  return (
    <form onSubmit={submit}>
      <Group gap={8} align="center">
        <Select
          w={150}
          aria-label="Kind"
          allowDeselect={false}
          data={KINDS}
          value={kind}
          onChange={(next) => next && setKind(next)}
        />
        <Autocomplete
          ref={input}
          flex={1}
          miw={180}
          aria-label={`Key of the ${kind}`}
          placeholder={kind === 'organization' ? 'Key or name of the organization' : 'Key or name of the user'}
          value={key}
          onChange={setKey_}
          data={[...names.keys()]}
          // The service has searched already, also in names.
          filter={({ options }) => options}
          renderOption={({ option }) => (
            <Group gap="xs" wrap="nowrap">
              <Text size="sm">{option.value}</Text>
              <Text size="xs" c="dimmed" truncate>
                {names.get(option.value)}
              </Text>
            </Group>
          )}
        />
        <Text size="sm" c="dimmed">
          gets
        </Text>
        <Select
          w={170}
          aria-label="Value"
          allowDeselect={false}
          data={[
            ...variations.map((_, index) => ({ value: String(index), label: variationLabel(index, variations) })),
            ...(onNewValue ? [{ value: NEW, label: 'A new value …' }] : []),
          ]}
          value={choice}
          onChange={(next) => {
            if (next === NEW) onNewValue?.((index) => (key.trim() === '' ? setChoice(String(index)) : add(index)));
            else if (next !== null) setChoice(next);
          }}
        />
        <Button type="submit" variant="light" disabled={key.trim() === ''}>
          Add
        </Button>
      </Group>
    </form>
  );
}
