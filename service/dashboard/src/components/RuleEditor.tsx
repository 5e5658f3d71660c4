// A rule: conditions that must all hold, and what follows. What follows is the caller's, as segments have no value.
import { ActionIcon, Badge, Button, Group, Paper, Stack, Text, Tooltip } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Clause } from '../model.js';
import { ClauseEditor } from './ClauseEditor.js';

interface RuleEditorProps {
  environment: string;
  /** From 0; shown from 1. */
  index: number;
  count: number;
  clauses: readonly Clause[];
  onChange: (clauses: Clause[]) => void;
  /** Moves it by so many places. */
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
  disabled?: boolean;
  /** What a match leads to. */
  children?: ReactNode;
}

export const NEW_CLAUSE: Clause = { contextKind: 'organization', attribute: '', op: 'in', values: [], negate: false };

/** Whether nothing is left to fill in; what is left is marked where it is edited. */
export function isComplete({ op, attribute, values }: Clause): boolean {
  return values.length > 0 && (op === 'segmentMatch' || Boolean(attribute));
}

export function RuleEditor(props: RuleEditorProps) {
  const { environment, index, count, clauses, onChange, onMove, onRemove, disabled, children } = props;
  const name = `rule ${index + 1}`;
  return (
    <Paper withBorder radius="md" p="sm" component="section" aria-label={`Rule ${index + 1}`}>
      <Group gap="xs" justify="space-between" mb={6} wrap="nowrap">
        <Badge variant="light" color="gray" radius="sm" tt="none">
          Rule {index + 1}
        </Badge>
        {!disabled && (
          <Group gap={2} wrap="nowrap">
            {count > 1 && (
              <>
                <Move
                  label={`Move ${name} up`}
                  disabled={index === 0}
                  onClick={() => onMove(-1)}
                  icon={<IconArrowUp size={15} />}
                />
                <Move
                  label={`Move ${name} down`}
                  disabled={index === count - 1}
                  onClick={() => onMove(1)}
                  icon={<IconArrowDown size={15} />}
                />
              </>
            )}
            <Move label={`Remove ${name}`} onClick={onRemove} icon={<IconTrash size={15} />} />
          </Group>
        )}
      </Group>
      <Stack gap={6}>
        {clauses.map((clause, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: conditions have no identity but their place
          <Group key={at} gap="xs" wrap="nowrap" align="flex-start">
            <Text size="sm" c="dimmed" w={30} pt={4} ta="right" style={{ flexShrink: 0 }}>
              {at === 0 ? 'if' : 'and'}
            </Text>
            <div style={{ flex: 1, minWidth: 0 }}>
              <ClauseEditor
                environment={environment}
                clause={clause}
                disabled={disabled}
                onChange={(next) => onChange(clauses.with(at, next))}
                onRemove={clauses.length > 1 ? () => onChange(clauses.filter((_, other) => other !== at)) : undefined}
              />
            </div>
          </Group>
        ))}
        {!disabled && (
          <Button
            size="compact-xs"
            variant="subtle"
            ml={32}
            w="fit-content"
            leftSection={<IconPlus size={13} aria-hidden />}
            onClick={() => onChange([...clauses, NEW_CLAUSE])}
          >
            And another condition
          </Button>
        )}
      </Stack>
      {children && (
        <Group gap="xs" wrap="nowrap" align="flex-start" mt="xs">
          <Text size="sm" c="dimmed" w={30} pt={4} ta="right" style={{ flexShrink: 0 }}>
            then
          </Text>
          <div style={{ flex: 1, minWidth: 0 }}>{children}</div>
        </Group>
      )}
    </Paper>
  );
}

function Move(props: { label: string; icon: ReactNode; disabled?: boolean; onClick: () => void }) {
  const { label, icon, disabled, onClick } = props;
  return (
    <Tooltip label={label} openDelay={400}>
      <ActionIcon
        variant={disabled ? 'transparent' : 'subtle'}
        color="gray"
        aria-label={label}
        disabled={disabled}
        onClick={onClick}
      >
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}

/** The list with one element so many places further on. */
export function moved<T>(list: readonly T[], from: number, by: number): T[] {
  const rest = list.filter((_, index) => index !== from);
  return [...rest.slice(0, from + by), list[from] as T, ...rest.slice(from + by)];
}
