import { Badge, Group, Text, Tooltip } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type CSSProperties, type RefObject, useEffect, useRef } from 'react';
import { type Flippable, FlipSwitch } from '../../components/Flip.js';
import { RelativeTime } from '../../components/RelativeTime.js';
import { Sparkline } from '../../components/Sparkline.js';
import { describeServing } from '../../describe.js';
import type { SettingRow } from '../../settings.js';
import classes from './settings.module.css';

const HOUR_MS = 3_600_000;
const TYPE_NAMES = { boolean: 'Boolean', string: 'Text', number: 'Number', json: 'JSON' } as const;
const number = new Intl.NumberFormat('en');

interface RowProps {
  environment: string;
  row: SettingRow;
  recent: { counts: number[]; last: string } | undefined;
  /** Whether it is known by now what was evaluated. */
  isCounted: boolean;
  index: number;
  isActive: boolean;
  /** Set when the keyboard came here. */
  takesFocus: RefObject<boolean> | false;
  onActive: () => void;
  style: CSSProperties;
}

export function Row({ environment, row, recent, isCounted, index, isActive, takesFocus, onActive, style }: RowProps) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (takesFocus === false || !takesFocus.current) return;
    takesFocus.current = false;
    element.current?.focus({ preventScroll: true });
  });
  const sentence = describeServing(row.serving, row.variations);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a virtual list of rows cannot be a table element
    <div
      ref={element}
      role="row"
      aria-rowindex={index + 2}
      data-row={row.key}
      tabIndex={isActive ? 0 : -1}
      className={classes.row}
      style={style}
      onFocus={onActive}
    >
      <Cell index={0}>
        <FlipSwitch environment={environment} setting={toFlippable(row)} />
      </Cell>
      <Cell index={1}>
        <Group gap={6} wrap="nowrap">
          <Link
            to="/$env/settings/$key"
            params={{ env: environment, key: row.key }}
            className={classes.name}
            title={row.description || row.name}
            tabIndex={-1}
          >
            {row.name}
          </Link>
          {row.tags.slice(0, 2).map((tag) => (
            <Badge
              key={tag}
              size="sm"
              variant="light"
              color="gray"
              tt="none"
              fw={500}
              radius="sm"
              className={classes.tag}
            >
              {tag}
            </Badge>
          ))}
        </Group>
        <Text size="xs" c="dimmed" truncate>
          <span className={classes.key}>{row.key}</span> · {TYPE_NAMES[row.type]}
        </Text>
      </Cell>
      <Cell index={2}>
        <Text size="sm" lineClamp={2} c={row.serving.on ? undefined : 'dimmed'} title={sentence}>
          {sentence}
        </Text>
      </Cell>
      <Cell index={3}>{recent && hasAny(recent.counts) ? <Counted counts={recent.counts} /> : null}</Cell>
      <Cell index={4}>
        {isCounted && (
          <Text size="sm" c="dimmed" truncate>
            {recent ? <LastEvaluated at={recent.last} /> : <span title="Not in the last 30 days">–</span>}
          </Text>
        )}
      </Cell>
      <Cell index={5}>
        {row.lastChange && (
          <>
            <Text size="sm" truncate>
              <RelativeTime at={row.lastChange.at} />
            </Text>
            <Text size="xs" c="dimmed" truncate title={row.lastChange.comment || row.lastChange.author}>
              {row.lastChange.author}
            </Text>
          </>
        )}
      </Cell>
    </div>
  );
}

export function toFlippable({ key, name, version, variations, serving }: SettingRow): Flippable {
  return { key, name, version, variations, on: serving.on };
}

function Cell({ index, children }: { index: number; children: React.ReactNode }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: as above
    // biome-ignore lint/a11y/useFocusableInteractive: the row takes the keyboard
    <div role="gridcell" aria-colindex={index + 1} className={classes[`column${index}`]}>
      {children}
    </div>
  );
}

function Counted({ counts }: { counts: readonly number[] }) {
  const total = number.format(counts.reduce((sum, count) => sum + count, 0));
  return (
    <Tooltip label={`${total} evaluations in 24 hours`}>
      <div>
        <Sparkline counts={counts} label={`${total} evaluations in 24 hours`} />
      </div>
    </Tooltip>
  );
}

/** Counts are kept by the hour: nothing more exact is known, and nothing more exact is said. */
function LastEvaluated({ at }: { at: string }) {
  return Date.now() - Date.parse(at) < HOUR_MS ? 'this hour' : <RelativeTime at={at} />;
}

function hasAny(counts: readonly number[]): boolean {
  return counts.some((count) => count > 0);
}
