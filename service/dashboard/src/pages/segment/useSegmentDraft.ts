import { useState } from 'react';
import type { SegmentItem } from '../../segments.js';
import { type Draft, differences, draftOf, type Field, merge } from './draft.js';

/** A draft over the newest state: what others save is taken in, under what is edited here. */
export function useSegmentDraft(item: SegmentItem) {
  const [state, set] = useState(() => ({ item, draft: draftOf(item), conflicts: [] as Field[] }));
  let { draft, conflicts } = state;
  if (item.version !== state.item.version) {
    const merged = merge(draftOf(state.item), draft, draftOf(item));
    ({ draft, conflicts } = merged);
    set({ item, draft, conflicts });
  }
  const base = draftOf(item);
  return {
    base,
    draft,
    /** Fields that somebody else has changed as well, in another way. */
    conflicts,
    isDirty: differences(base, draft).length > 0,
    edit: (parts: Partial<Draft>) => set((now) => ({ ...now, draft: { ...now.draft, ...parts } })),
    discard: () => set({ item, draft: draftOf(item), conflicts: [] }),
    keepMine: () => set((now) => ({ ...now, conflicts: [] })),
  };
}
