import { useCallback, useState } from 'react';
import type { SettingItem } from '../../model.js';
import type { Definition } from '../../settings.js';
import { type Base, baseOf, type Draft, differences, type Field, merge } from './draft.js';

export interface Editing {
  base: Base;
  draft: Draft;
  isDirty: boolean;
  edit: (parts: Partial<Draft> | ((draft: Draft) => Partial<Draft>)) => void;
  discard: () => void;
  /** What somebody else saved while this was edited, and where it contradicts. */
  conflict: { was: Draft; theirs: Draft; fields: Field[] } | undefined;
  /** For every field in conflict, whose version goes on; mine unless named. */
  resolve: (theirs: ReadonlySet<Field>) => void;
  /** Says that what others saved was taken in under the edits. */
  wasMerged: boolean;
}

/**
 * A draft over the newest state. What others save is taken in as long as it does not contradict the edits; where it
 * does, both versions are given out to choose from.
 */
export function useDraft(item: SettingItem, definition: Definition): Editing {
  const [state, set] = useState(() => {
    const base = baseOf(item, definition);
    return { base, draft: base.draft, conflict: undefined as Editing['conflict'], wasMerged: false };
  });
  let { base, draft, conflict, wasMerged } = state;
  const isNewer = item.version !== base.item.version || definition.version !== base.definition.version;
  if (isNewer) {
    const next = baseOf(item, definition);
    const merged = merge(base.draft, draft, next.draft);
    const wasDirty = differences(base.draft, draft).length > 0;
    const isDirty = differences(next.draft, merged.draft).length > 0;
    // Turning on or off is none of the draft's fields, and nothing to tell about.
    const isOther = differences(base.draft, next.draft).length > 0;
    wasMerged = wasDirty && isDirty && (wasMerged || isOther);
    conflict =
      merged.conflicts.length > 0 ? { was: base.draft, theirs: next.draft, fields: merged.conflicts } : undefined;
    base = next;
    draft = merged.draft;
    set({ base, draft, conflict, wasMerged });
  }
  const edit = useCallback<Editing['edit']>(
    (parts) =>
      set((now) => ({ ...now, draft: { ...now.draft, ...(typeof parts === 'function' ? parts(now.draft) : parts) } })),
    [],
  );
  const discard = useCallback(
    () => set((now) => ({ ...now, draft: now.base.draft, conflict: undefined, wasMerged: false })),
    [],
  );
  const resolve = useCallback<Editing['resolve']>(
    (fields) =>
      set((now) => {
        const taken = [...fields].map((field) => [field, now.base.draft[field]]);
        return { ...now, draft: { ...now.draft, ...Object.fromEntries(taken) }, conflict: undefined, wasMerged: true };
      }),
    [],
  );
  return {
    base,
    draft,
    isDirty: differences(base.draft, draft).length > 0,
    edit,
    discard,
    conflict,
    resolve,
    wasMerged,
  };
}
