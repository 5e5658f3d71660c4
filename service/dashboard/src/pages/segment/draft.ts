// A segment as somebody is about to make it, apart from how it is. Pure.
import type { Change } from '../../changes.js';
import { countOfKind } from '../../describe.js';
import { describeClauses } from '../../describe-change.js';
import { isSameJson } from '../../json.js';
import type { Json } from '../../model.js';
import type { SegmentItem, SegmentRule, SegmentTarget } from '../../segments.js';

/** The keys of one kind. */
export interface Members {
  kind: string;
  included: string[];
  excluded: string[];
}

export interface Draft {
  name: string;
  description: string;
  tags: string[];
  members: Members[];
  rules: SegmentRule[];
}

export const FIELDS = ['name', 'description', 'tags', 'members', 'rules'] as const satisfies (keyof Draft)[];
export type Field = (typeof FIELDS)[number];

/** Always offered, also when there are none. */
const COMMON_KINDS = ['organization', 'user'];

export function draftOf(item: SegmentItem): Draft {
  const { name, description, tags, rules } = item;
  const included = byKind(item.included, item.includedContexts);
  const excluded = byKind(item.excluded, item.excludedContexts);
  const kinds = [...new Set([...COMMON_KINDS, ...included.keys(), ...excluded.keys()])];
  const members = kinds.map((kind) => ({
    kind,
    included: included.get(kind) ?? [],
    excluded: excluded.get(kind) ?? [],
  }));
  return { name, description, tags, members, rules };
}

export function differences(a: Draft, b: Draft): Field[] {
  return FIELDS.filter((field) => !isSameJson(patchOf(a, [field]), patchOf(b, [field])));
}

/** Puts what I changed since `base` on top of `theirs`. The fields that both changed, each in another way, have mine. */
export function merge(base: Draft, mine: Draft, theirs: Draft): { draft: Draft; conflicts: Field[] } {
  const draft = { ...theirs };
  const conflicts: Field[] = [];
  const changedByThem = new Set(differences(base, theirs));
  const different = new Set(differences(mine, theirs));
  for (const field of differences(base, mine)) {
    Object.assign(draft, { [field]: mine[field] });
    if (changedByThem.has(field) && different.has(field)) conflicts.push(field);
  }
  return { draft, conflicts };
}

/** What the service is asked for. Nothing when they are the same. */
export function changesOf(item: SegmentItem, draft: Draft): Change[] {
  const fields = differences(draftOf(item), draft);
  if (fields.length === 0) return [];
  return [{ segment: item.key, patch: patchOf(draft, fields), version: item.version }];
}

/** Some fields as the service has them, without kinds of which nobody is listed. */
export function patchOf(draft: Draft, fields: readonly Field[]): Record<string, unknown> {
  return Object.assign(
    {},
    ...fields.map((field) => (field === 'members' ? listsOf(draft.members) : { [field]: draft[field] })),
  );
}

/** One sentence for each thing that differs. */
export function sentencesOf(before: Draft, after: Draft): string[] {
  const sentences: string[] = [];
  const fields = new Set(differences(before, after));
  if (fields.has('name')) sentences.push(`called ${after.name || 'nothing'}`);
  if (fields.has('description')) sentences.push('another description');
  if (fields.has('tags')) sentences.push('other tags');
  for (const members of after.members) {
    const was = before.members.find(({ kind }) => kind === members.kind);
    sentences.push(...memberSentences(members, was));
  }
  if (fields.has('rules')) sentences.push(...ruleSentences(before.rules, after.rules));
  return sentences;
}

function memberSentences({ kind, included, excluded }: Members, was: Members | undefined): string[] {
  return [
    ...listSentences(kind, was?.included ?? [], included, 'included'),
    ...listSentences(kind, was?.excluded ?? [], excluded, 'left out'),
  ];
}

function listSentences(kind: string, was: readonly string[], is: readonly string[], what: string): string[] {
  const added = is.filter((key) => !was.includes(key));
  const removed = was.filter((key) => !is.includes(key));
  const name = (keys: readonly string[]) => (keys.length === 1 ? `${kind} ${keys[0]}` : countOfKind(keys.length, kind));
  return [
    ...(added.length > 0 ? [`${name(added)} ${what}`] : []),
    ...(removed.length > 0 ? [`${name(removed)} not ${what} any more`] : []),
  ];
}

function ruleSentences(before: readonly SegmentRule[], after: readonly SegmentRule[]): string[] {
  const same = after.filter((rule) => before.some((old) => isSameJson(old as Json, rule as Json)));
  const added = after.filter((rule) => !same.includes(rule));
  const gone = before.length - same.length;
  const sentences = added.map((rule) => `a rule: ${describeClauses(rule.clauses ?? [])}`);
  if (gone > added.length) sentences.push(`${gone - added.length} fewer rules`);
  return sentences.length > 0 ? sentences : ['rules in another order'];
}

function byKind(users: readonly string[], contexts: readonly SegmentTarget[]): Map<string, string[]> {
  const keys = new Map<string, string[]>(users.length > 0 ? [['user', [...users]]] : []);
  for (const { contextKind, values } of contexts) {
    const kind = contextKind || 'user';
    keys.set(kind, [...(keys.get(kind) ?? []), ...values]);
  }
  return keys;
}

/** Users stand apart from all others. */
function listsOf(members: readonly Members[]) {
  const users = members.find(({ kind }) => kind === 'user');
  const others = (which: 'included' | 'excluded') =>
    members
      .filter((one) => one.kind !== 'user' && one[which].length > 0)
      .map((one) => ({ contextKind: one.kind, values: one[which] }));
  return {
    included: users?.included ?? [],
    excluded: users?.excluded ?? [],
    includedContexts: others('included'),
    excludedContexts: others('excluded'),
  };
}
