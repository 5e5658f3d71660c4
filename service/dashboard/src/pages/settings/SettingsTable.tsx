// The list itself: only the rows in sight exist, one of them takes the keyboard.
import { useMediaQuery } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useFlip } from '../../components/Flip.js';
import { useRowLeft } from '../../components/row-left.js';
import { canEdit, useSession } from '../../session.js';
import type { SettingRow } from '../../settings.js';
import type { Evaluations } from './filter.js';
import { Row, toFlippable } from './Row.js';
import classes from './settings.module.css';

const ROW_PX = 60;
const CARD_PX = 96;
const COLUMNS = ['State', 'Setting', 'Serves', 'Last 24 hours', 'Last evaluated', 'Last change'];

export function SettingsTable(props: {
  environment: string;
  rows: readonly SettingRow[];
  evaluations: Evaluations | undefined;
}) {
  const { environment, rows, evaluations } = props;
  const isNarrow = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
  const box = useRef<HTMLDivElement>(null);
  // An object, so that a move to where one is draws anew, and the row takes the focus.
  const [active, setActive] = useState({ index: 0 });
  const wantsFocus = useRef(false);
  const navigate = useNavigate();
  const flip = useFlip();
  const mayEdit = canEdit(useSession(), environment);
  const height = isNarrow ? CARD_PX : ROW_PX;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 8,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows are measured again when their height changes
  useEffect(() => virtual.measure(), [height]);
  const current = Math.min(active.index, rows.length - 1);

  const move = (to: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, to));
    wantsFocus.current = true;
    setActive({ index: next });
    virtual.scrollToIndex(next);
  };
  useRowLeft((left) => {
    const index = rows.findIndex(({ key }) => key === left);
    if (index >= 0) move(index);
  });
  const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 0) / height) - 1);
  const moves: Record<string, number> = {
    ArrowDown: current + 1,
    ArrowUp: current - 1,
    PageDown: current + page,
    PageUp: current - page,
    Home: 0,
    End: rows.length - 1,
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows[current];
    if (row === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = moves[event.key];
    if (to !== undefined) move(to);
    else if (event.target !== event.currentTarget && !(event.target as HTMLElement).hasAttribute('data-row')) return;
    else if (event.key === 'Enter')
      void navigate({ to: '/$env/settings/$key', params: { env: environment, key: row.key } });
    else if (event.key === ' ' && mayEdit) flip(toFlippable(row));
    else return;
    event.preventDefault();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a virtual list of rows cannot be a table element
    <div
      ref={box}
      role="grid"
      aria-label="Settings"
      aria-rowcount={rows.length + 1}
      aria-colcount={COLUMNS.length}
      tabIndex={-1}
      className={classes.box}
      data-scroll-restoration-id="settings"
      onKeyDown={onKeyDown}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: as above */}
      {/* biome-ignore lint/a11y/useFocusableInteractive: headers do nothing */}
      <div role="row" aria-rowindex={1} className={classes.head}>
        {COLUMNS.map((column, index) => (
          // biome-ignore lint/a11y/useSemanticElements: as above
          // biome-ignore lint/a11y/useFocusableInteractive: headers do nothing
          <div key={column} role="columnheader" aria-colindex={index + 1} className={classes[`column${index}`]}>
            {index === 0 ? <span className={classes.hidden}>{column}</span> : column}
          </div>
        ))}
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: as above */}
      <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map(({ index, key, start, size }) => (
          <Row
            key={key}
            environment={environment}
            row={rows[index] as SettingRow}
            recent={evaluations?.settings[rows[index]?.key ?? '']}
            isCounted={evaluations !== undefined}
            index={index}
            isActive={index === current}
            takesFocus={index === current && wantsFocus}
            onActive={() => setActive({ index })}
            style={{ position: 'absolute', insetInline: 0, top: 0, height: size, transform: `translateY(${start}px)` }}
          />
        ))}
      </div>
    </div>
  );
}
