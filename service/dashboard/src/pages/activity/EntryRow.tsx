import { ActionIcon, Stack, Text } from '@mantine/core';
import { IconArrowBackUp, IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useState } from 'react';
import { type AuditEntry, describeEntry } from '../../audit.js';
import { DiffView } from '../../components/DiffView.js';
import { RelativeTime } from '../../components/RelativeTime.js';
import { WriteButton } from '../../components/WriteButton.js';
import { describeItems } from '../../describe-change.js';
import type { VariationsByKey } from '../../model.js';
import { useEditReason } from '../../rights.js';
import classes from './activity.module.css';

interface EntryRowProps {
  environment: string;
  entry: AuditEntry;
  variations: VariationsByKey;
  onRevert: () => void;
}

export function EntryRow({ environment, entry, variations, onRevert }: EntryRowProps) {
  const [isOpen, setOpen] = useState(false);
  const reason = useEditReason(entry.environment ?? environment);
  const what = describeEntry(entry);
  const how = describeItems(entry.items, variations);
  const Chevron = isOpen ? IconChevronDown : IconChevronRight;
  const hasOwnComment = entry.comment !== '' && !what.endsWith(entry.comment);
  return (
    <>
      <div className={classes.row}>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-expanded={isOpen}
          aria-label={`Difference: ${what}`}
          onClick={() => setOpen(!isOpen)}
        >
          <Chevron size={16} />
        </ActionIcon>
        <div className={classes.what}>
          <Text size="sm" fw={500} style={{ overflowWrap: 'anywhere' }}>
            {what}
          </Text>
          {how && (
            <Text size="sm" lineClamp={2} title={how} style={{ overflowWrap: 'anywhere' }}>
              {how}
            </Text>
          )}
          <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {entry.actor.name} · <RelativeTime at={entry.at} />
            {entry.environment && ` · ${entry.environment}`}
            {entry.revision !== null && ` revision ${entry.revision}`}
            {hasOwnComment && ` · “${entry.comment}”`}
          </Text>
        </div>
        {entry.revertible && (
          <WriteButton
            size="compact-sm"
            variant="default"
            reason={reason}
            leftSection={<IconArrowBackUp size={14} aria-hidden />}
            aria-label={`Revert: ${what}`}
            onClick={onRevert}
          >
            Revert
          </WriteButton>
        )}
      </div>
      {isOpen && <Details entry={entry} variations={variations} />}
    </>
  );
}

function Details({ entry, variations }: Pick<EntryRowProps, 'entry' | 'variations'>) {
  const { actor, items } = entry;
  return (
    <Stack gap="sm" className={classes.details}>
      {items.map((item) => (
        <div key={`${item.environment} ${item.kind} ${item.key}`}>
          <Text size="xs" c="dimmed" mb={4} style={{ overflowWrap: 'anywhere' }}>
            {item.kind === 'definition' ? 'setting' : item.kind} {item.key}{' '}
            {item.environment === null ? 'everywhere' : `in ${item.environment}`}
          </Text>
          <DiffView item={item} variations={variations} />
        </div>
      ))}
      <Text size="xs" c="dimmed">
        Entry {entry.id}
        {actor.address && ` · from ${actor.address}`}
        {entry.reverts !== null && ` · takes back entry ${entry.reverts}`}
      </Text>
    </Stack>
  );
}
