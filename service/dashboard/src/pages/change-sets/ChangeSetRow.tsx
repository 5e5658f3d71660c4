import { ActionIcon, Badge, Skeleton, Stack, Text } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type ChangeSet, type ChangeSetState, changeSetPreviewQuery } from '../../change-sets.js';
import { DiffView } from '../../components/DiffView.js';
import { Effects, Faults } from '../../components/Effects.js';
import { RelativeTime } from '../../components/RelativeTime.js';
import { list } from '../../describe.js';
import { describeItems } from '../../describe-change.js';
import { exactTime } from '../../time.js';
import { useVariations } from '../../variations.js';
import classes from './change-sets.module.css';
import { Steps } from './Steps.js';

const STATES: Record<ChangeSetState, { label: string; color: string }> = {
  draft: { label: 'draft', color: 'gray' },
  submitted: { label: 'waits for approval', color: 'yellow' },
  approved: { label: 'approved', color: 'teal' },
  rejected: { label: 'rejected', color: 'red' },
  scheduled: { label: 'scheduled', color: 'blue' },
  applied: { label: 'applied', color: 'teal' },
  failed: { label: 'failed', color: 'red' },
};

export function ChangeSetRow({ changeSet, startsOpen }: { changeSet: ChangeSet; startsOpen: boolean }) {
  const { title, state, author, changes, updatedAt } = changeSet;
  const [isOpen, setOpen] = useState(startsOpen);
  const Chevron = isOpen ? IconChevronDown : IconChevronRight;
  const { label, color } = STATES[state];
  const keys = [...new Set(changes.map((change) => change.setting ?? change.segment ?? change.definition ?? ''))];
  return (
    <>
      <div className={classes.row}>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-expanded={isOpen}
          aria-label={`What ${title} would change`}
          onClick={() => setOpen(!isOpen)}
        >
          <Chevron size={16} />
        </ActionIcon>
        <div className={classes.what}>
          <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
            {title}
          </Text>
          <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {author.name} · <RelativeTime at={updatedAt} /> · {list(keys)}
          </Text>
        </div>
        <Badge variant="dot" color={color} radius="sm" tt="none" fw={500}>
          {label}
        </Badge>
      </div>
      {(isOpen || state === 'scheduled' || state === 'failed') && <Note changeSet={changeSet} />}
      {isOpen && <Details changeSet={changeSet} />}
    </>
  );
}

function Note({ changeSet: { state, scheduledAt, failure, decision } }: { changeSet: ChangeSet }) {
  return (
    <div className={classes.note}>
      {scheduledAt && state === 'scheduled' && (
        <Text size="sm">
          Will be applied <RelativeTime at={scheduledAt} />, at {exactTime(new Date(scheduledAt))}.
        </Text>
      )}
      {failure && (
        <Text size="sm" c="red" role="alert">
          It could not be applied: {failure}
        </Text>
      )}
      {decision && (
        <Text size="sm">
          {decision.approved ? 'Approved' : 'Rejected'} by {decision.by} <RelativeTime at={decision.at} />
          {decision.comment && `: “${decision.comment}”`}
        </Text>
      )}
    </div>
  );
}

function Details({ changeSet }: { changeSet: ChangeSet }) {
  const { environment, state, changes } = changeSet;
  const isDone = state === 'applied';
  const variations = useVariations(environment);
  const preview = useQuery({ ...changeSetPreviewQuery(environment, changeSet), enabled: !isDone });
  return (
    <Stack gap="md" className={classes.details}>
      {!isDone && preview.error && <Faults error={preview.error} />}
      {!isDone && !preview.error && <Effects environment={environment} changes={changes} variations={variations} />}
      {!isDone && preview.data === undefined && !preview.error && <Skeleton height={80} />}
      {preview.data?.length === 0 && <Text size="sm">Everything is as it asks for already.</Text>}
      {!isDone &&
        preview.data?.map((item) => (
          <div key={`${item.environment} ${item.kind} ${item.key}`}>
            <Text size="xs" c="dimmed">
              {item.kind === 'definition' ? 'setting' : item.kind} {item.key}{' '}
              {item.environment === null ? 'everywhere' : `in ${item.environment}`}
            </Text>
            <Text size="sm" mb={4}>
              {describeItems([item], variations)}
            </Text>
            <DiffView item={item} variations={variations} />
          </div>
        ))}
      {isDone && (
        <Text size="sm" c="dimmed">
          It was applied. What it changed, and the way back, is under Activity.
        </Text>
      )}
      <Steps changeSet={changeSet} />
    </Stack>
  );
}
