// Taking a change back: a new change that gives every field the old one touched the value it had before.
import type { Json, Setting } from 'feathery-server-sdk/protocol';
import { initialSetting } from './definition.js';
import type { Draft } from './draft.js';
import type { EnvironmentDraft } from './environment-draft.js';
import { isObject, isSameJson } from './merge-patch.js';
import { type DescribedSegment, presentItem, setSegment } from './operations.js';
import { Problem } from './problems.js';
import type { AuditEntry, AuditItem } from './storage/audit.js';
import type { Definition } from './storage/definitions.js';
import type { ItemKind } from './storage/items.js';

type Fields = { readonly [field: string]: Json };

const REVERTIBLE = new Set(['definition', 'setting', 'segment']);

/** Whether an entry tells of settings and segments only; access and environments have ways of their own. */
export function isRevertible({ items }: AuditEntry): boolean {
  return items.length > 0 && items.every(({ kind }) => REVERTIBLE.has(kind));
}

/**
 * Plans the opposite of an audit entry.
 *
 * @throws Problem 409 `not_revertible`, or `revert_conflict` when a field it touched has been changed since.
 */
export async function revert(draft: Draft, entry: AuditEntry, now: number): Promise<void> {
  if (!isRevertible(entry)) {
    throw new Problem('not_revertible', `An entry of kind "${entry.action}" cannot be taken back from here.`);
  }
  for (const item of entry.items.toReversed()) {
    if (item.environment === null) await revertDefinition(draft, item, now);
    // Of a change to all environments, those that are gone need nothing.
    else if (entry.environment !== null || draft.hasEnvironment(item.environment)) {
      revertItem(draft.environment(item.environment), item);
    }
  }
}

function revertItem(draft: EnvironmentDraft, item: AuditItem): void {
  const kind = item.kind as ItemKind;
  const present = (kind === 'setting' ? draft.setting(item.key) : draft.segment(item.key)) !== undefined;
  if (!isObject(item.before)) {
    if (present) draft.remove({ kind, key: item.key });
    return;
  }
  if (item.after === null && present) throw conflict(item, 'exists again');
  const base = item.after === null ? {} : (presentItem(draft, kind, item.key) as unknown as Fields);
  const fields = restored(item, base);
  if (kind === 'setting') draft.setSetting(fields as unknown as Setting);
  else setSegment(draft, fields as unknown as DescribedSegment);
}

async function revertDefinition(draft: Draft, item: AuditItem, now: number): Promise<void> {
  const present = await draft.findDefinition(item.key);
  if (!isObject(item.before)) {
    if (present === undefined) return;
    draft.removeDefinition(present);
    // Environments that were created since have it, too.
    for (const environment of draft.environments()) {
      if (environment.setting(item.key) !== undefined) environment.remove({ kind: 'setting', key: item.key });
    }
    return;
  }
  if (item.after === null && present !== undefined) throw conflict(item, 'exists again');
  const base = item.after === null ? {} : ((await draft.definition(item.key)) as unknown as Fields);
  const version = await draft.lastDefinitionVersion(item.key);
  const definition = { ...restored(item, base), version: version + 1, updatedAt: now } as unknown as Definition;
  draft.setDefinition(present, definition);
  if (present !== undefined) return;
  for (const environment of draft.environments()) {
    if (environment.setting(item.key) === undefined) environment.setSetting(initialSetting(definition));
  }
}

/** `base` with the fields the entry touched as they were before it. */
function restored(item: AuditItem, base: Fields): Fields {
  const before = item.before as Fields;
  const after = isObject(item.after) ? item.after : {};
  const moved = Object.keys(after).filter((field) => !isSameJson(base[field] ?? null, after[field]));
  if (moved.length > 0) throw conflict(item, `has another ${moved.join(', ')} by now`);
  return { ...base, ...before };
}

function conflict({ kind, key, environment }: AuditItem, what: string): Problem {
  const where = environment === null ? '' : ` in ${environment}`;
  const name = kind === 'definition' ? 'setting' : kind;
  return new Problem('revert_conflict', `The ${name} "${key}"${where} ${what}. Take the later change back first.`);
}
