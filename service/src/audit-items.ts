// What an audit entry keeps of each thing that a commit changed.
import type { Json } from 'feathery-server-sdk/protocol';
import type { DefinitionChange } from './draft.js';
import { type EnvironmentDraft, NO_META } from './environment-draft.js';
import { isSameJson } from './merge-patch.js';
import type { AuditItem } from './storage/audit.js';
import type { LoggedChange } from './storage/change-log.js';

type Fields = { readonly [field: string]: Json };

/** These differ in every change. */
const BOOKKEEPING = new Set(['version', 'updatedAt']);

export function auditDefinition({ before, after, deleted }: DefinitionChange): AuditItem {
  const name = { environment: null, kind: 'definition', key: after.key };
  return auditItem(name, before as Fields | undefined, deleted ? undefined : (after as unknown as Fields));
}

export function auditItems(draft: EnvironmentDraft): AuditItem[] {
  return draft.changes().map((change) => auditChange(draft, change));
}

function auditChange({ environment }: EnvironmentDraft, { kind, key, item, meta }: LoggedChange): AuditItem {
  const name = { environment: environment.key, kind, key };
  if (kind === 'setting')
    return auditItem(
      name,
      environment.settings.get(key) as Fields | undefined,
      (item ?? undefined) as Fields | undefined,
    );
  const present = environment.segments.get(key);
  const before = present && { ...(environment.segmentMeta.get(key) ?? NO_META), ...present };
  const after = item === null ? undefined : { ...(meta ?? NO_META), ...item };
  return auditItem(name, before as Fields | undefined, after as Fields | undefined);
}

/** Keeps of a change the fields that differ; of a creation or deletion everything. */
function auditItem(
  name: Pick<AuditItem, 'environment' | 'kind' | 'key'>,
  before: Fields | undefined,
  after: Fields | undefined,
): AuditItem {
  if (before === undefined || after === undefined) return { ...name, before: before ?? null, after: after ?? null };
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (field) => !BOOKKEEPING.has(field) && !isSameJson(before[field] ?? null, after[field] ?? null),
  );
  const pick = (from: Fields) => Object.fromEntries(fields.map((field) => [field, from[field] ?? null]));
  return { ...name, before: pick(before), after: pick(after) };
}
