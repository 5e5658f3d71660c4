// Why somebody gets a value: every step that was looked at, and the one that decided.
import { Group, Text, Timeline } from '@mantine/core';
import { IconCheck, IconMinus, IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Reason } from '../contexts.js';
import { describeClause, list, valueLabel, variationLabel } from '../describe.js';
import type { Json, Variation } from '../model.js';
import type { TracedClause, TraceStep } from '../trace.js';
import { percent } from '../weights.js';
import classes from './TraceView.module.css';

interface TraceViewProps {
  trace: readonly TraceStep[];
  variations: readonly Variation[];
  result: { value: Json; variationIndex: number | null; reason: Reason };
}

export function TraceView({ trace, variations, result }: TraceViewProps) {
  return (
    <Timeline
      bulletSize={20}
      lineWidth={2}
      active={trace.length}
      classNames={{ itemTitle: classes.title ?? '' }}
      aria-label="Why"
    >
      {trace.map((step, index) => {
        const { matched, title, body } = tell(step, variations);
        return (
          <Timeline.Item
            // biome-ignore lint/suspicious/noArrayIndexKey: steps have no identity but their place
            key={index}
            mt={10}
            title={title}
            bullet={<Bullet matched={matched} />}
            color={matched ? 'teal.8' : 'gray.6'}
          >
            {body}
          </Timeline.Item>
        );
      })}
      <Timeline.Item
        mt={10}
        title={
          <Text size="sm" fw={600} component="span">
            {result.variationIndex === null
              ? "The server's own default is used"
              : `${variationLabel(result.variationIndex, variations)}: ${valueLabel(result.value, 80)}`}
          </Text>
        }
        bullet={<Bullet matched />}
        color="teal.8"
      />
    </Timeline>
  );
}

interface Told {
  matched: boolean;
  title: ReactNode;
  body?: ReactNode;
}

function tell(step: TraceStep, variations: readonly Variation[]): Told {
  switch (step.step) {
    case 'off':
      return { matched: true, title: 'The setting is off' };
    case 'prerequisite':
      return tellPrerequisite(step);
    case 'targets':
      return step.matched
        ? { matched: true, title: `There is an override for this ${step.contextKind}` }
        : { matched: false, title: 'No override' };
    case 'rule':
      return {
        matched: step.matched,
        title: `Rule ${step.ruleIndex + 1} ${step.matched ? 'fits' : 'does not fit'}`,
        body: step.clauses.map((clause, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: conditions have no identity but their place
          <Clause key={index} clause={clause} />
        )),
      };
    case 'fallthrough':
      return { matched: true, title: 'No rule decided: what everybody else gets' };
    case 'rollout':
      return {
        matched: true,
        title: `A split by ${step.contextKind} ${step.attribute}`,
        body: (
          <Text size="sm" c="dimmed">
            Theirs falls at {percent(Math.floor(step.bucket * 100_000))}, in the share of{' '}
            {variationLabel(step.variation, variations)}, and always will while the shares stay.
          </Text>
        ),
      };
  }
}

const PROBLEMS: Readonly<Record<string, string>> = {
  unknown: 'which does not exist',
  off: 'which is off',
  cycle: 'which needs this one in turn',
  malformed: 'which is malformed',
};

function tellPrerequisite(step: TraceStep & { step: 'prerequisite' }): Told {
  const { key, satisfied, problem, required, served } = step;
  if (satisfied) return { matched: true, title: `${key} serves what is needed` };
  const why = PROBLEMS[problem ?? ''] ?? `which serves variation ${served}, and variation ${required} is needed`;
  return { matched: false, title: `It needs ${key}, ${why}` };
}

const CLAUSE_PROBLEMS: Readonly<Record<string, string>> = {
  'no-such-kind': 'there is none in the context',
  'no-such-attribute': 'it is not in the context',
  'invalid-attribute': 'the attribute is invalid',
  'unknown-operator': 'the operator is unknown',
  'malformed-segment': 'a segment is malformed',
};

function Clause({ clause }: { clause: TracedClause }) {
  return (
    <Group gap={6} wrap="nowrap" align="flex-start">
      {clause.matched ? (
        <IconCheck size={15} className={classes.yes} aria-label="holds" />
      ) : (
        <IconX size={15} className={classes.no} aria-label="does not hold" />
      )}
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {describeClause(clause)}
        <Text span inherit c="dimmed">
          {' · '}
          {actual(clause)}
        </Text>
      </Text>
    </Group>
  );
}

function actual({ problem, memberOf, actual: value }: TracedClause): string {
  if (problem !== undefined) return CLAUSE_PROBLEMS[problem] ?? problem;
  if (memberOf !== undefined) return memberOf.length === 0 ? 'it is in none of them' : `it is in ${list(memberOf)}`;
  return value === undefined ? 'it has none' : `it is ${valueLabel(value, 60)}`;
}

function Bullet({ matched }: { matched: boolean }) {
  const Icon = matched ? IconCheck : IconMinus;
  return <Icon size={12} aria-label={matched ? 'applies' : 'does not apply'} />;
}
