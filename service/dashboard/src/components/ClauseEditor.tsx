// One condition of a rule, written as the sentence it is.
import { ActionIcon, Autocomplete, Group, Select, TagsInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { api, data } from '../api.js';
import { OPERATOR_CHOICES } from '../describe.js';
import type { Clause, Json } from '../model.js';
import { attributesQuery } from '../settings.js';

interface ClauseEditorProps {
  environment: string;
  clause: Clause;
  onChange: (clause: Clause) => void;
  /** Absent: it cannot be removed. */
  onRemove?: () => void;
  disabled?: boolean;
}

const KINDS = ['user', 'organization'];
const NUMERIC = new Set(['lessThan', 'lessThanOrEqual', 'greaterThan', 'greaterThanOrEqual']);

export function ClauseEditor({ environment, clause, onChange, onRemove, disabled }: ClauseEditorProps) {
  const { data: attributes = [] } = useQuery(attributesQuery(environment));
  const kind = clause.contextKind || 'user';
  const isSegment = clause.op === 'segmentMatch';
  const ofKind = attributes.filter((attribute) => attribute.kind === kind);
  const known = ofKind.find(({ attribute }) => attribute === clause.attribute);
  return (
    <Group gap={6} wrap="wrap" align="flex-start">
      {!isSegment && (
        <>
          <Autocomplete
            size="xs"
            flex="1 1 124px"
            maw={{ sm: 130 }}
            aria-label="Kind of context"
            disabled={disabled}
            data={[...new Set([...KINDS, ...attributes.map((attribute) => attribute.kind)])]}
            filter={({ options }) => options}
            value={kind}
            onChange={(contextKind) => onChange({ ...clause, contextKind })}
          />
          <Autocomplete
            size="xs"
            flex="1 1 130px"
            maw={{ sm: 160 }}
            aria-label="Attribute"
            placeholder="attribute"
            disabled={disabled}
            error={clause.attribute ? undefined : true}
            data={['key', ...ofKind.map(({ attribute }) => attribute)]}
            value={clause.attribute ?? ''}
            onChange={(attribute) => onChange({ ...clause, attribute })}
          />
        </>
      )}
      <OperatorSelect clause={clause} onChange={onChange} disabled={disabled} />
      {isSegment ? (
        <SegmentInput environment={environment} clause={clause} onChange={onChange} disabled={disabled} />
      ) : (
        <TagsInput
          size="xs"
          flex={1}
          miw={160}
          aria-label="Values"
          placeholder={clause.values.length === 0 ? 'value' : ''}
          disabled={disabled}
          error={clause.values.length > 0 ? undefined : true}
          data={clause.attribute === 'key' ? [] : (known?.values ?? []).map(toText)}
          value={clause.values.map(toText)}
          onChange={(texts) =>
            onChange({ ...clause, values: texts.map((text) => toValue(text, clause, known?.values)) })
          }
          splitChars={[',', ';', '\n']}
          acceptValueOnBlur
        />
      )}
      {onRemove && !disabled && (
        <ActionIcon variant="subtle" color="gray" size={30} aria-label="Remove this condition" onClick={onRemove}>
          <IconX size={14} />
        </ActionIcon>
      )}
    </Group>
  );
}

/** `is` and `is not` are one operator, with and without negation; people choose among both. */
function OperatorSelect({ clause, onChange, disabled }: Pick<ClauseEditorProps, 'clause' | 'onChange' | 'disabled'>) {
  return (
    <Select
      size="xs"
      flex="1 1 150px"
      maw={{ sm: 178 }}
      aria-label="Operator"
      disabled={disabled}
      allowDeselect={false}
      searchable
      data={OPERATOR_CHOICES}
      value={`${clause.negate ? '!' : ''}${clause.op}`}
      onChange={(choice) => {
        if (choice === null) return;
        const op = choice.replace('!', '');
        const keepsValues = (op === 'segmentMatch') === (clause.op === 'segmentMatch');
        const attribute = op === 'segmentMatch' ? '' : clause.attribute;
        onChange({
          ...clause,
          op,
          attribute,
          negate: choice.startsWith('!'),
          values: keepsValues ? clause.values : [],
        });
      }}
    />
  );
}

function SegmentInput({ environment, clause, onChange, disabled }: Omit<ClauseEditorProps, 'onRemove'>) {
  const { data: segments } = useQuery({
    queryKey: [environment, 'segments', 'names'],
    queryFn: () => {
      const path = { env: environment };
      return data(api.GET('/api/v1/environments/{env}/segments', { params: { path, query: { limit: 500 } } }));
    },
  });
  return (
    <TagsInput
      size="xs"
      flex={1}
      miw={160}
      aria-label="Segments"
      placeholder={clause.values.length === 0 ? 'segment' : ''}
      disabled={disabled}
      error={clause.values.length > 0 ? undefined : true}
      data={segments?.segments.map(({ key }) => key) ?? []}
      value={clause.values.map(toText)}
      onChange={(values) => onChange({ ...clause, values })}
    />
  );
}

/**
 * What was typed, as the value the attribute has: `3` is a number for an attribute whose values are numbers. Versions,
 * dates and texts stay text.
 */
function toValue(text: string, { op, values }: Clause, seen: readonly Json[] = []): Json {
  const kept = [...values, ...seen].find((value) => toText(value) === text);
  if (kept !== undefined) return kept;
  if (op !== 'in' && !NUMERIC.has(op)) return text;
  const isNumber = text.trim() !== '' && Number.isFinite(Number(text));
  if (isNumber && (NUMERIC.has(op) || seen.some((value) => typeof value === 'number'))) return Number(text);
  if ((text === 'true' || text === 'false') && seen.some((value) => typeof value === 'boolean')) return text === 'true';
  return text;
}

function toText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
