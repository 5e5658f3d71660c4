// Single changes to one environment, as the API and whoever keeps them for later name them: plain JSON.
import { randomUUID } from 'node:crypto';
import type { Json, Segment, Setting } from 'feathery-server-sdk/protocol';
import { newSalt } from './definition.js';
import type { EnvironmentDraft } from './environment-draft.js';
import { etagOf, isStale } from './etag.js';
import { isObject, isSameJson, mergePatch } from './merge-patch.js';
import { invalidBody, Problem, type Violation } from './problems.js';
import type { Item, ItemKind, SegmentMeta } from './storage/items.js';
import { patchFaults } from './validate.js';

/** JSON merge patch (RFC 7396) of an item as it is on the wire. */
export type Patch = { readonly [field: string]: Json };

export type Operation =
  /** `version`: only if the item still has it. */
  | {
      readonly op: 'patch';
      readonly kind: ItemKind;
      readonly key: string;
      readonly patch: Patch;
      readonly version?: number | undefined;
    }
  | { readonly op: 'create'; readonly kind: 'segment'; readonly key: string; readonly patch: Patch }
  | { readonly op: 'delete'; readonly kind: 'segment'; readonly key: string; readonly version?: number | undefined };

/** A segment as the admin API shows it: the wire model with its name, description and tags. */
export type DescribedSegment = Segment & SegmentMeta;

const OWNED_FIELDS = ['key', 'version', 'deleted', 'variations'] as const;

/**
 * Does one operation to a draft.
 *
 * @param at - JSON pointer of the patch in the request's body.
 * @throws Problem 404 for an unknown item, 409 for one that exists, 412 for a stale version, 422 for a faulty patch.
 */
export function operate(draft: EnvironmentDraft, operation: Operation, maxSegments: number, at = ''): void {
  if (operation.op === 'create') createSegment(draft, operation.key, operation.patch, maxSegments, at);
  else {
    const present = presentItem(draft, operation.kind, operation.key);
    checkVersion(draft, operation, present);
    if (operation.op === 'delete') draft.remove(operation);
    else if (operation.kind === 'setting') patchSetting(draft, present as Setting, operation.patch, at);
    else patchSegment(draft, present as DescribedSegment, operation.patch, at);
  }
}

/** The item as the API shows it. @throws Problem 404 */
export function presentItem(draft: EnvironmentDraft, kind: ItemKind, key: string): Setting | DescribedSegment {
  const item = kind === 'setting' ? draft.setting(key) : draft.segment(key);
  if (item === undefined) {
    const code = kind === 'setting' ? 'setting_not_found' : 'segment_not_found';
    throw new Problem(code, `There is no ${kind} "${key}" in ${draft.environment.key}.`);
  }
  return kind === 'setting' ? item : describe(item as Segment, draft.segmentMeta(key));
}

export function describe(segment: Segment, { name, description, tags }: SegmentMeta): DescribedSegment {
  const { key, version, ...rest } = segment;
  return { key, version, name, description, tags, ...rest };
}

function checkVersion(
  draft: EnvironmentDraft,
  { kind, version }: { kind: ItemKind; version?: number | undefined },
  item: Item,
) {
  if (!isStale(item.version, version)) return;
  throw new Problem(
    'stale_version',
    `The ${kind} "${item.key}" is at version ${item.version} by now. Look at it again.`,
    {
      headers: { etag: etagOf(item.version) },
      members: {
        current: { environment: draft.environment.key, revision: draft.environment.revision, [kind]: item },
      },
    },
  );
}

function patchSetting(draft: EnvironmentDraft, present: Setting, patch: Patch, at: string): void {
  checkPatch('setting', present, patch, at);
  const merged = mergePatch(present as unknown as Json, oneOutcome(oneAvailability(patch))) as unknown as Setting;
  draft.setSetting({ ...merged, version: present.version, rules: withIds(merged.rules) });
}

function patchSegment(draft: EnvironmentDraft, present: DescribedSegment, patch: Patch, at: string): void {
  checkPatch('segment', present, patch, at);
  const merged = mergePatch(present as unknown as Json, patch) as unknown as DescribedSegment;
  setSegment(draft, { ...merged, version: present.version });
}

function createSegment(draft: EnvironmentDraft, key: string, patch: Patch, maxSegments: number, at: string): void {
  if (draft.segment(key) !== undefined) {
    throw new Problem('already_exists', `There is a segment "${key}" in ${draft.environment.key} already.`);
  }
  if (draft.segmentCount >= maxSegments) {
    throw new Problem('limit_reached', `An environment has at most ${maxSegments} segments.`);
  }
  const empty = { key, version: 0, salt: newSalt(), name: key, description: '', tags: [] };
  checkPatch('segment', empty, patch, at);
  setSegment(draft, mergePatch(empty, patch) as unknown as DescribedSegment);
}

/** Takes a segment as the API shows it apart into what SDKs get and what only people see. */
export function setSegment(draft: EnvironmentDraft, segment: DescribedSegment): void {
  const { name = '', description = '', tags = [], ...item } = segment;
  draft.setSegment({ ...item, rules: withIds(item.rules) }, { name, description, tags });
}

function checkPatch(kind: ItemKind, present: Item, patch: Patch, at: string): void {
  const faults = [...patchFaults(kind, patch), ...ownedFaults(present, patch)];
  if (faults.length > 0) throw invalidBody(faults.map((fault) => ({ ...fault, pointer: at + fault.pointer })));
}

/** What the service owns may be sent back as it was read, so that an item can be read, changed and sent whole. */
function ownedFaults(present: Item, patch: Patch): Violation[] {
  const values = present as unknown as Record<string, Json>;
  return OWNED_FIELDS.filter(
    (field) => patch[field] !== undefined && !isSameJson(patch[field], values[field] ?? null),
  ).map((field) => ({
    pointer: `/${field}`,
    detail:
      field === 'variations'
        ? 'is the same in all environments; change it at /api/v1/settings/{key}'
        : 'is set by the service',
  }));
}

/** Naming a variation replaces a rollout and the other way round; a plain merge would leave both standing. */
function oneOutcome(patch: Patch): Patch {
  const { fallthrough } = patch;
  if (!isObject(fallthrough)) return patch;
  const names = (field: string) => fallthrough[field] !== undefined && fallthrough[field] !== null;
  if (names('variation')) return { ...patch, fallthrough: { ...fallthrough, rollout: null } };
  return names('rollout') ? { ...patch, fallthrough: { ...fallthrough, variation: null } } : patch;
}

/** `clientSide` is the older name of one half of `clientSideAvailability`. */
function oneAvailability(patch: Patch): Patch {
  if (typeof patch.clientSide !== 'boolean' || patch.clientSideAvailability !== undefined) return patch;
  return { ...patch, clientSideAvailability: { usingEnvironmentId: patch.clientSide } };
}

function withIds<T extends { readonly id?: string | null }>(rules: readonly T[] | null | undefined): T[] {
  return (rules ?? []).map((rule) => (rule.id ? rule : { ...rule, id: randomUUID() }));
}
