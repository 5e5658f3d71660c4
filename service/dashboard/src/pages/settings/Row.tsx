import { Link } from '@tanstack/react-router';
import { type CSSProperties, type RefObject, useEffect, useRef } from 'react';
import { type Flippable, FlipSwitch } from '../../components/Flip.js';
import links from '../../components/links.module.css';
import { Sparkline } from '../../components/Sparkline.js';
import { describeServing, formatNumber } from '../../describe.js';
import { TYPE_NAMES } from '../../model.js';
import type { SettingRow } from '../../settings.js';
import { exactTime, relativeTime } from '../../time.js';
import classes from './settings.module.css';

const HOUR_MS = 3_600_000;

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
        <FlipSwitch environment={environment} setting={toFlippable(row)} tabIndex={isActive ? 0 : -1} />
      </Cell>
      <Cell index={1}>
        <div className={classes.title}>
          <Link
            to="/$env/settings/$key"
            params={{ env: environment, key: row.key }}
            preload={false}
            className={`${links.name} ${links.covering}`}
            title={row.description || row.name}
            tabIndex={-1}
          >
            {row.name}
          </Link>
          {row.tags.slice(0, 2).map((tag) => (
            <span key={tag} className={classes.tag}>
              {tag}
            </span>
          ))}
        </div>
        <div className={classes.lesser}>
          <span className={classes.key}>{row.key}</span> · {TYPE_NAMES[row.type]}
        </div>
      </Cell>
      <Cell index={2}>
        <div className={classes.sentence} data-off={!row.serving.on || undefined} title={sentence}>
          {sentence}
        </div>
      </Cell>
      <Cell index={3}>{recent && hasAny(recent.counts) ? <Counted counts={recent.counts} /> : null}</Cell>
      <Cell index={4}>{isCounted && <LastEvaluated at={recent?.last} />}</Cell>
      <Cell index={5}>
        {row.lastChange && (
          <>
            <Ago at={row.lastChange.at} />
            <div
              className={classes.author}
              title={[row.lastChange.author, row.lastChange.comment].filter(Boolean).join(': ')}
            >
              <Author name={row.lastChange.author} />
            </div>
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
  const label = `${formatNumber(counts.reduce((sum, count) => sum + count, 0))} evaluations in 24 hours`;
  return (
    <div title={label}>
      <Sparkline counts={counts} label={label} />
    </div>
  );
}

/** Counts are kept by the hour: nothing more exact is known, and nothing more exact is said. */
function LastEvaluated({ at }: { at: string | undefined }) {
  if (at === undefined) return <span title="Not in the last 30 days">–</span>;
  return Date.now() - Date.parse(at) < HOUR_MS ? 'this hour' : <Ago at={at} />;
}

/** Without a timer and a tooltip of its own: there are many rows, and they are drawn again with every change. */
function Ago({ at }: { at: string }) {
  const date = new Date(at);
  return (
    <time dateTime={at} title={exactTime(date)}>
      {relativeTime(date, Date.now())}
    </time>
  );
}

/** An email address goes on in the next line where its domain begins. */
function Author({ name }: { name: string }) {
  const at = name.indexOf('@');
  if (at < 0) return name;
  return (
    <>
      {name.slice(0, at)}
      <wbr />
      {name.slice(at)}
    </>
  );
}

function hasAny(counts: readonly number[]): boolean {
  return counts.some((count) => count > 0);
}
