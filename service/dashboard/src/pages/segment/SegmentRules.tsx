import { Button, Group, NumberInput, Select, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { moved, NEW_CLAUSE, RuleEditor } from '../../components/RuleEditor.js';
import { Section } from '../../components/Section.js';
import { describeSegmentRule } from '../../describe-change.js';
import { FULL_WEIGHT } from '../../model.js';
import type { SegmentRule } from '../../segments.js';

interface SegmentRulesProps {
  environment: string;
  rules: readonly SegmentRule[];
  disabled: boolean;
  onChange: (rules: SegmentRule[]) => void;
}

export function SegmentRules({ environment, rules, disabled, onChange }: SegmentRulesProps) {
  const set = (index: number, parts: Partial<SegmentRule>) =>
    onChange(rules.map((old, at) => (at === index ? { ...old, ...parts } : old)));
  const add = () => onChange([...rules, { id: crypto.randomUUID?.() ?? String(Date.now()), clauses: [NEW_CLAUSE] }]);
  return (
    <Section
      title="Rules"
      lead={rules.length > 1 ? 'Whoever fits one of them is in.' : 'By what is known of a user or organization.'}
      action={
        !disabled && (
          <Button size="xs" variant="light" leftSection={<IconPlus size={14} aria-hidden />} onClick={add}>
            Add a rule
          </Button>
        )
      }
    >
      {disabled &&
        rules.map((rule, index) => (
          <Text key={rule.id || index} size="sm">
            {describeSegmentRule(rule)}
          </Text>
        ))}
      {!disabled && rules.length > 0 && (
        <Stack gap="sm">
          {rules.map((rule, index) => (
            <RuleEditor
              key={rule.id || index}
              environment={environment}
              index={index}
              count={rules.length}
              clauses={rule.clauses ?? []}
              onChange={(clauses) => set(index, { clauses })}
              onMove={(by) => onChange(moved(rules, index, by))}
              onRemove={() => onChange(rules.filter((_, other) => other !== index))}
            >
              <Share rule={rule} index={index} onChange={(parts) => set(index, parts)} />
            </RuleEditor>
          ))}
        </Stack>
      )}
    </Section>
  );
}

/** Everybody who fits, or a share of them. */
function Share(props: { rule: SegmentRule; index: number; onChange: (parts: Partial<SegmentRule>) => void }) {
  const { rule, index, onChange } = props;
  const isShare = typeof rule.weight === 'number';
  return (
    <Group gap="xs">
      <Select
        size="xs"
        w={200}
        aria-label={`Whom rule ${index + 1} takes in`}
        allowDeselect={false}
        data={[
          { value: 'all', label: 'all of them are in' },
          { value: 'share', label: 'a share of them is in' },
        ]}
        value={isShare ? 'share' : 'all'}
        onChange={(value) => onChange({ weight: value === 'share' ? FULL_WEIGHT / 2 : null })}
      />
      {isShare && (
        <>
          <NumberInput
            size="xs"
            w={96}
            suffix=" %"
            min={0}
            max={100}
            decimalScale={3}
            aria-label={`Share of rule ${index + 1} in percent`}
            value={(rule.weight ?? 0) / 1000}
            onChange={(next) => typeof next === 'number' && onChange({ weight: Math.round(next * 1000) })}
          />
          <Text size="sm" c="dimmed">
            of
          </Text>
          <Select
            size="xs"
            w={150}
            aria-label={`What rule ${index + 1} counts`}
            allowDeselect={false}
            data={[
              { value: 'user', label: 'users' },
              { value: 'organization', label: 'organizations' },
            ]}
            value={rule.rolloutContextKind || 'user'}
            onChange={(rolloutContextKind) => onChange({ rolloutContextKind })}
          />
        </>
      )}
    </Group>
  );
}
