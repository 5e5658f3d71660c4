// Changes and custom events in the order in which they came, the newest first.
import { SegmentedControl, Text } from '@mantine/core';
import { IconActivity, IconSend } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { LandingLine } from '../../components/Landing.js';
import { RelativeTime } from '../../components/RelativeTime.js';
import { Section } from '../../components/Section.js';
import { type LiveChange, useLive } from '../../live.js';
import classes from './live.module.css';

const MOST_SHOWN = 60;
const MOST_ITEMS = 4;
type Shown = 'all' | 'changes' | 'events';

interface CustomEvents {
  at: number;
  key: string;
  count: number;
  sum: number;
}

export function Feed({ environment }: { environment: string }) {
  const { changes, custom } = useLive();
  const [shown, show] = useState<Shown>('all');
  const rows = [
    ...(shown === 'events' ? [] : changes.map((change) => ({ at: Date.parse(change.at), change }))),
    ...(shown === 'changes' ? [] : custom.map((events) => ({ at: events.at, events }))),
  ].sort((a, b) => b.at - a.at);
  return (
    <Section
      title="Stream"
      lead="Since you opened this page."
      action={
        <SegmentedControl
          size="xs"
          aria-label="What to show"
          value={shown}
          onChange={(value) => show(value as Shown)}
          data={[
            { value: 'all', label: 'All' },
            { value: 'changes', label: 'Changes' },
            { value: 'events', label: 'Events' },
          ]}
        />
      }
    >
      {rows.length === 0 && (
        <Text size="sm" c="dimmed" py="md">
          Nothing yet. Changes of settings stand here the moment they are made, and custom events when servers send
          them.
        </Text>
      )}
      <ul className={classes.feed} aria-label="Stream">
        {rows.slice(0, MOST_SHOWN).map((row) => (
          <li key={'change' in row ? `r${row.change.revision}` : `${row.at} ${row.events.key}`}>
            {'change' in row ? (
              <Change environment={environment} change={row.change} />
            ) : (
              <Events events={row.events} />
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Change({ environment, change }: { environment: string; change: LiveChange }) {
  const { items, author, comment, at, revision } = change;
  return (
    <div className={classes.entry}>
      <IconSend size={16} aria-hidden className={classes.icon} />
      <div style={{ minWidth: 0 }}>
        {items.slice(0, MOST_ITEMS).map(({ kind, key, summary }) => (
          <Text key={`${kind} ${key}`} size="sm" style={{ overflowWrap: 'anywhere' }}>
            <Link
              to={kind === 'setting' ? '/$env/settings/$key' : '/$env/segments/$key'}
              params={{ env: environment, key }}
              className={classes.link}
            >
              {key}
            </Link>{' '}
            {summary}
          </Text>
        ))}
        {items.length > MOST_ITEMS && (
          <Text size="sm" c="dimmed">
            and {items.length - MOST_ITEMS} more
          </Text>
        )}
        <Text size="xs" c="dimmed" mb={2} style={{ overflowWrap: 'anywhere' }}>
          {author} · <RelativeTime at={at} />
          {comment && ` · “${comment}”`}
        </Text>
        <LandingLine revision={revision} />
      </div>
    </div>
  );
}

function Events({ events: { at, key, count, sum } }: { events: CustomEvents }) {
  return (
    <div className={classes.entry}>
      <IconActivity size={16} aria-hidden className={classes.icon} />
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        <span className={classes.key}>{key}</span>
        {count > 1 && ` × ${count}`}
        <Text span size="xs" c="dimmed">
          {sum !== 0 && ` · sum ${Number(sum.toFixed(2))}`} · <RelativeTime at={at} />
        </Text>
      </Text>
    </div>
  );
}
