import { Button, Stack } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { OutcomeEditor } from '../../components/OutcomeEditor.js';
import { moved, NEW_CLAUSE, RuleEditor } from '../../components/RuleEditor.js';
import { Section } from '../../components/Section.js';
import type { Rule } from '../../model.js';
import type { PartProps } from './Overrides.js';

/** The first one that fits decides. */
export function Rules({ environment, draft, edit, disabled, onNewValue }: PartProps) {
  const { rules, variations } = draft;
  const set = (index: number, parts: Partial<Rule>) =>
    edit((now) => ({ rules: now.rules.with(index, { ...(now.rules[index] as Rule), ...parts }) }));
  const add = () =>
    edit((now) => ({ rules: [...now.rules, { id: newRuleId(now.rules), clauses: [NEW_CLAUSE], variation: 0 }] }));
  return (
    <Section
      title="Rules"
      lead={
        rules.length > 1
          ? 'From top to bottom; the first that fits decides.'
          : 'By what is known of a user or organization.'
      }
      action={
        !disabled && (
          <Button size="xs" variant="light" leftSection={<IconPlus size={14} aria-hidden />} onClick={add}>
            Add a rule
          </Button>
        )
      }
    >
      {rules.length > 0 && (
        <Stack gap="sm">
          {rules.map((rule, index) => (
            <RuleEditor
              key={rule.id || index}
              environment={environment}
              index={index}
              count={rules.length}
              clauses={rule.clauses ?? []}
              disabled={disabled}
              onChange={(clauses) => set(index, { clauses })}
              onMove={(by) => edit((now) => ({ rules: moved(now.rules, index, by) }))}
              onRemove={() => edit((now) => ({ rules: now.rules.filter((_, other) => other !== index) }))}
            >
              <OutcomeEditor
                label={`Rule ${index + 1} serves`}
                outcome={rule}
                variations={variations}
                disabled={disabled}
                onNewValue={onNewValue}
                onChange={({ variation = null, rollout = null }) => set(index, { variation, rollout })}
              />
            </RuleEditor>
          ))}
        </Stack>
      )}
    </Section>
  );
}

/** Known before it is saved, so that a merge can tell it from the rules of others. */
function newRuleId(rules: readonly Rule[]): string {
  const id = crypto.getRandomValues(new Uint32Array(2)).join('-');
  return rules.some((rule) => rule.id === id) ? newRuleId(rules) : id;
}
