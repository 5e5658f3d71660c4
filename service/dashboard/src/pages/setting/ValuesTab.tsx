import { ActionIcon, Alert, Button, Group, Paper, Stack, Text, TextInput, Tooltip } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPlus, IconTrash, IconWorld } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { ApiError } from '../../api.js';
import { previewQuery } from '../../changes.js';
import { variationColor } from '../../components/RolloutEditor.js';
import { firstValue, ValueEditor } from '../../components/ValueEditor.js';
import type { Variation } from '../../model.js';
import type { Definition } from '../../settings.js';
import { changesOf } from './draft.js';
import { SchemaField } from './SchemaField.js';
import classes from './setting.module.css';
import type { Editing } from './useDraft.js';

interface ValuesTabProps {
  environment: string;
  editing: Editing;
  definition: Definition;
  mayEdit: boolean;
  /** What was typed and is no value yet, by place. */
  faults: Readonly<Record<string, string>>;
  onFaults: (faults: Readonly<Record<string, string>>) => void;
}

const TYPING_MS = 350;

/** The values there are, in every environment. */
export function ValuesTab({ environment, editing, definition, mayEdit, faults, onFaults }: ValuesTabProps) {
  const { draft, edit } = editing;
  const { variations } = draft;
  const refused = useRefusals(environment, editing);
  const isBoolean = definition.type === 'boolean';
  const note = (place: string, fault: string | undefined) => {
    const { [place]: _, ...others } = faults;
    if (fault !== faults[place]) onFaults(fault === undefined ? others : { ...others, [place]: fault });
  };
  const set = (index: number, parts: Partial<Variation>) =>
    edit((now) => ({ variations: now.variations.with(index, { ...(now.variations[index] as Variation), ...parts }) }));
  return (
    <Stack gap="md">
      <Alert variant="light" color="gray" icon={<IconWorld aria-hidden />} p="xs">
        Values are the same in every environment. Which of them is served to whom is each environment's own.
      </Alert>
      {variations.map((variation, index) => (
        <ValueCard
          // biome-ignore lint/suspicious/noArrayIndexKey: a value is known by its place, to servers as well
          key={index}
          index={index}
          variation={variation}
          type={definition.type}
          error={refused.get(`/variations/${index}/value`)}
          disabled={!mayEdit}
          canRemove={mayEdit && !isBoolean && variations.length > 1}
          isLast={index === variations.length - 1}
          onChange={(parts, fault) => {
            set(index, parts);
            note(`value ${index}`, fault);
          }}
          onRemove={() => {
            edit({ variations: variations.slice(0, -1) });
            note(`value ${index}`, undefined);
          }}
        />
      ))}
      {mayEdit && !isBoolean && (
        <Button
          variant="light"
          w="fit-content"
          leftSection={<IconPlus size={15} aria-hidden />}
          onClick={() =>
            edit({ variations: [...variations, { value: firstValue(definition.type), name: '', description: '' }] })
          }
        >
          Add a value
        </Button>
      )}
      {!isBoolean && (
        <SchemaField
          schema={draft.valueSchema}
          error={refused.get('/valueSchema')}
          disabled={!mayEdit}
          onChange={(valueSchema, fault) => {
            edit({ valueSchema });
            note('schema', fault);
          }}
        />
      )}
    </Stack>
  );
}

interface ValueCardProps {
  index: number;
  variation: Variation;
  type: Definition['type'];
  error: string | undefined;
  disabled: boolean;
  canRemove: boolean;
  isLast: boolean;
  onChange: (parts: Partial<Variation>, fault: string | undefined) => void;
  onRemove: () => void;
}

function ValueCard(props: ValueCardProps) {
  const { index, variation, type, error, disabled, canRemove, isLast, onChange, onRemove } = props;
  const why = isLast ? 'Remove this value' : 'Only the last value can be removed: the others are known by their place';
  return (
    <Paper withBorder radius="md" px="md" py="sm" component="section" aria-label={`Value ${index + 1}`}>
      <Group align="flex-start" gap="md" wrap="nowrap">
        <Group gap={8} pt={30} visibleFrom="sm" w={32} wrap="nowrap">
          <span
            aria-hidden
            className={classes.dot}
            style={{ background: `var(--mantine-color-${variationColor(index).replace('.', '-')})` }}
          />
          <Text size="sm" c="dimmed">
            {index}
          </Text>
        </Group>
        <Group flex={1} align="flex-start" gap="sm">
          <Stack gap={8} w={{ base: '100%', sm: 240 }}>
            <TextInput
              label="Name"
              disabled={disabled}
              value={variation.name ?? ''}
              onChange={(event) => onChange({ name: event.currentTarget.value }, undefined)}
            />
            <TextInput
              size="xs"
              aria-label="Description"
              placeholder="Description"
              disabled={disabled}
              value={variation.description ?? ''}
              onChange={(event) => onChange({ description: event.currentTarget.value }, undefined)}
            />
          </Stack>
          <div style={{ flex: '1 1 260px', minWidth: 0 }}>
            {type === 'boolean' ? (
              <>
                <Text size="sm" fw={500}>
                  Value
                </Text>
                <Text ff="monospace" mt={6}>
                  {String(variation.value)}
                </Text>
              </>
            ) : (
              <ValueEditor
                type={type}
                label="Value"
                value={variation.value}
                error={error}
                disabled={disabled}
                onChange={(value, fault) => onChange({ value }, fault)}
              />
            )}
          </div>
        </Group>
        {canRemove && (
          <Tooltip label={why} multiline maw={260}>
            <ActionIcon
              mt={28}
              variant={isLast ? 'subtle' : 'transparent'}
              color="gray"
              aria-label={why}
              aria-disabled={!isLast}
              style={isLast ? undefined : { cursor: 'not-allowed', opacity: 0.4 }}
              onClick={isLast ? onRemove : undefined}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Tooltip>
        )}
      </Group>
    </Paper>
  );
}

/** What the service would refuse of the draft, by pointer: it knows the JSON Schema, the page does not have to. */
function useRefusals(environment: string, { base, draft }: Editing): Map<string, string> {
  const changes = useMemo(() => changesOf(base, draft), [base, draft]);
  const [settled] = useDebouncedValue(changes, TYPING_MS);
  const { error } = useQuery(previewQuery(environment, settled));
  const errors = error instanceof ApiError ? error.members.errors : undefined;
  const found = (errors ?? []) as { pointer: string; detail: string }[];
  return new Map(found.map(({ pointer, detail }) => [pointer.replace(/^\/changes\/\d+\/patch/, ''), detail]));
}
