// A list of any length: only the rows in sight exist. Rows may grow, and more are asked for before the end is reached.
import { Box, Loader } from '@mantine/core';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useRowLeft } from './row-left.js';
import classes from './VirtualList.module.css';

interface VirtualListProps<Row> {
  label: string;
  rows: readonly Row[];
  /** Of a row with a page of its own, what the address of that page has beyond that of the list: `key`, `kind key`. */
  keyOf: (row: Row) => string;
  /** About how high a row is, in pixels. */
  estimate: number;
  children: (row: Row, index: number) => ReactNode;
  /** Called when the end comes near; absent when there is no more. */
  onEnd?: (() => void) | undefined;
  isLoadingMore?: boolean;
}

const NEAR_END = 10;

export function VirtualList<Row>(props: VirtualListProps<Row>) {
  const { label, rows, keyOf, estimate, children, onEnd, isLoadingMore } = props;
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  // What stands above the list may grow and shrink.
  useLayoutEffect(() => {
    const measure = () => setTop(Math.round((box.current?.getBoundingClientRect().top ?? 0) + window.scrollY));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => estimate,
    getItemKey: (index) => {
      const row = rows[index];
      return row === undefined ? index : keyOf(row);
    },
    overscan: 8,
    scrollMargin: top,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= rows.length - NEAR_END) onEnd?.();
  }, [last, rows.length, onEnd]);
  const wantsFocus = useRef(-1);
  const focusWanted = () => {
    const link = box.current?.querySelector<HTMLElement>(`[data-index="${wantsFocus.current}"] a`);
    if (!link) return;
    wantsFocus.current = -1;
    link.focus();
  };
  useRowLeft((left) => {
    wantsFocus.current = rows.findIndex((row) => keyOf(row) === left);
    focusWanted();
    if (wantsFocus.current >= 0) virtual.scrollToIndex(wantsFocus.current);
  });
  // What has to be scrolled to first is there only then.
  useEffect(focusWanted);
  return (
    <Box ref={box} className={classes.box}>
      {/* biome-ignore lint/a11y/useSemanticElements: rows out of sight are not there, so each says which one it is */}
      <div role="list" aria-label={label} style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {items.map(({ index, key, start }) => {
          const row = rows[index];
          if (row === undefined) return null;
          return (
            // biome-ignore lint/a11y/useSemanticElements: as above
            <div
              key={key}
              ref={virtual.measureElement}
              data-index={index}
              role="listitem"
              aria-setsize={onEnd ? -1 : rows.length}
              aria-posinset={index + 1}
              className={classes.row}
              style={{ transform: `translateY(${start - virtual.options.scrollMargin}px)` }}
            >
              {children(row, index)}
            </div>
          );
        })}
      </div>
      {isLoadingMore && (
        <Box p="sm" ta="center">
          <Loader size="sm" type="dots" aria-label="Loading more" />
        </Box>
      )}
    </Box>
  );
}
