// The service's wire encoder: items with every field that strict official SDKs want, and the events of a stream.
// With the SDK's protocol.ts the only place that says flag.
import type {
  Clause,
  Rollout,
  Rule,
  Segment,
  SegmentRule,
  SegmentTarget,
  Setting,
  Target,
  VariationOrRollout,
} from 'feathery-server-sdk/protocol';
import type { ChangeSet, LoggedChange } from './storage/change-log.js';

/** One event of the stream, ready to be framed. */
export interface WireEvent {
  readonly event: 'put' | 'patch' | 'delete' | 'changes' | 'synced';
  /** JSON on one line. */
  readonly data: string;
}

/** The data set as pollers get it and as a `put` carries it, of items already in text. */
export function encodeDataSet(settings: ReadonlyMap<string, string>, segments: ReadonlyMap<string, string>): string {
  return `{"flags":${encodeCollection(settings)},"segments":${encodeCollection(segments)}}`;
}

export function putEvent(dataSet: string): WireEvent {
  return { event: 'put', data: `{"path":"/","data":${dataSet}}` };
}

export function syncedEvent(revision: number): WireEvent {
  return { event: 'synced', data: JSON.stringify({ revision }) };
}

/** A commit as one event, applied all at once (design.md 6). */
export function changesEvent({ revision, changes }: ChangeSet): WireEvent {
  const put = changes.flatMap((change) => (change.item === null ? [] : [{ path: pathOf(change), data: change.item }]));
  const deleted = changes.flatMap((change) =>
    change.item === null ? [{ path: pathOf(change), version: change.version }] : [],
  );
  return { event: 'changes', data: JSON.stringify({ revision, put, delete: deleted }) };
}

/** A commit as single events for SDKs that know only those. `changes` are in the order of `inDependencyOrder`. */
export function patchEvents({ changes }: ChangeSet): WireEvent[] {
  return changes.map((change) =>
    change.item === null
      ? { event: 'delete', data: JSON.stringify({ path: pathOf(change), version: change.version }) }
      : { event: 'patch', data: JSON.stringify({ path: pathOf(change), data: change.item }) },
  );
}

/**
 * Orders changes so that applying them one by one never refers to what is not there yet: segments, then settings with
 * prerequisites first, then deleted settings, then deleted segments (protocol.md 9.4).
 */
export function inDependencyOrder(changes: readonly LoggedChange[]): LoggedChange[] {
  const byId = new Map(changes.map((change) => [idOf(change.kind, change.key), change]));
  const ordered = new Set<LoggedChange>();
  const entered = new Set<LoggedChange>();
  const place = (first: LoggedChange) => {
    // Not recursive: a chain may be as long as there are changes. Each is met twice, before and after what it needs.
    const path = [first];
    for (let change = path.at(-1); change !== undefined; change = path.at(-1)) {
      if (entered.has(change)) {
        ordered.add(change);
        path.pop();
        continue;
      }
      entered.add(change);
      for (const id of requirements(change)) {
        const needed = byId.get(id);
        if (needed !== undefined && needed.item !== null && !entered.has(needed)) path.push(needed);
      }
    }
  };
  for (const kind of ['segment', 'setting'] as const) {
    for (const change of changes) if (change.kind === kind && change.item !== null) place(change);
  }
  for (const kind of ['setting', 'segment'] as const) {
    for (const change of changes) if (change.kind === kind && change.item === null) ordered.add(change);
  }
  return [...ordered];
}

/** Keys of the segments that rules ask for. */
export function segmentsIn(
  rules: readonly { readonly clauses?: readonly Clause[] | null }[] | null | undefined,
): string[] {
  const keys: string[] = [];
  for (const rule of rules ?? []) {
    for (const clause of rule.clauses ?? []) {
      if (clause.op !== 'segmentMatch') continue;
      for (const value of clause.values ?? []) if (typeof value === 'string') keys.push(value);
    }
  }
  return keys;
}

/**
 * A setting with every field of protocol.md 9.5, in one form: nulls of absent fields gone, user targets in `targets`
 * with placeholders in `contextTargets`, `variation` in place of a rollout that it overrules.
 */
export function completeSetting(setting: Setting): Setting {
  const { targets, contextTargets } = completeTargets(setting.targets ?? [], setting.contextTargets ?? []);
  const availability = setting.clientSideAvailability ?? {
    usingMobileKey: true,
    usingEnvironmentId: setting.clientSide ?? false,
  };
  return {
    key: setting.key,
    version: setting.version,
    deleted: false,
    on: setting.on ?? false,
    variations: setting.variations ?? [],
    offVariation: setting.offVariation ?? null,
    fallthrough: completeOutcome(setting.fallthrough ?? {}),
    prerequisites: (setting.prerequisites ?? []).map(({ key, variation }) => ({ key, variation })),
    targets,
    contextTargets,
    rules: (setting.rules ?? []).map(completeRule),
    salt: setting.salt ?? '',
    trackEvents: setting.trackEvents ?? false,
    trackEventsFallthrough: setting.trackEventsFallthrough ?? false,
    debugEventsUntilDate: setting.debugEventsUntilDate ?? null,
    clientSide: availability.usingEnvironmentId ?? false,
    clientSideAvailability: {
      usingMobileKey: availability.usingMobileKey ?? false,
      usingEnvironmentId: availability.usingEnvironmentId ?? false,
    },
    ...present('samplingRatio', setting.samplingRatio),
    ...present('excludeFromSummaries', setting.excludeFromSummaries),
    ...(setting.migration ? { migration: present('checkRatio', setting.migration.checkRatio) } : {}),
  };
}

/** A segment with every field of protocol.md 9.5. */
export function completeSegment(segment: Segment): Segment {
  return {
    key: segment.key,
    version: segment.version,
    deleted: false,
    included: segment.included ?? [],
    excluded: segment.excluded ?? [],
    includedContexts: (segment.includedContexts ?? []).map(completeSegmentTarget),
    excludedContexts: (segment.excludedContexts ?? []).map(completeSegmentTarget),
    rules: (segment.rules ?? []).map(completeSegmentRule),
    salt: segment.salt ?? '',
    unbounded: segment.unbounded ?? false,
    ...present('unboundedContextKind', segment.unboundedContextKind),
    generation: segment.generation ?? null,
  };
}

function completeTargets(
  targets: readonly Target[],
  contextTargets: readonly Target[],
): { targets: Target[]; contextTargets: Target[] } {
  const isUser = ({ contextKind }: Target) => (contextKind || 'user') === 'user';
  // One entry per variation: a placeholder finds only the first.
  const users = new Map<number, Set<string>>();
  for (const { variation, values } of [...targets, ...contextTargets.filter(isUser)]) {
    const keys = users.get(variation) ?? new Set();
    for (const value of values ?? []) keys.add(value);
    users.set(variation, keys);
  }
  const entries = [...users].filter(([, keys]) => keys.size > 0);
  const waiting = new Set(entries.map(([variation]) => variation));
  const placeholder = (variation: number): Target => ({ contextKind: 'user', variation, values: [] });
  const ordered = contextTargets.flatMap((target): Target[] => {
    if (!isUser(target)) {
      return [{ contextKind: target.contextKind as string, variation: target.variation, values: target.values ?? [] }];
    }
    return waiting.delete(target.variation) ? [placeholder(target.variation)] : [];
  });
  return {
    targets: entries.map(([variation, keys]) => ({ variation, values: [...keys] })),
    contextTargets: [...ordered, ...[...waiting].map(placeholder)],
  };
}

function completeRule(rule: Rule): Rule {
  return {
    id: rule.id ?? '',
    ...completeOutcome(rule),
    clauses: (rule.clauses ?? []).map(completeClause),
    trackEvents: rule.trackEvents ?? false,
  };
}

function completeClause(clause: Clause): Clause {
  return {
    ...present('contextKind', clause.contextKind || undefined),
    attribute: clause.attribute ?? '',
    op: clause.op ?? '',
    values: clause.values ?? [],
    negate: clause.negate ?? false,
  };
}

function completeOutcome({ variation, rollout }: VariationOrRollout): VariationOrRollout {
  if (variation !== undefined && variation !== null) return { variation };
  return rollout ? { rollout: completeRollout(rollout) } : {};
}

function completeRollout(rollout: Rollout): Rollout {
  return {
    kind: rollout.kind ?? 'rollout',
    ...present('contextKind', rollout.contextKind || undefined),
    ...present('bucketBy', rollout.bucketBy || undefined),
    ...present('seed', rollout.seed),
    variations: (rollout.variations ?? []).map(({ variation, weight, untracked }) => ({
      variation,
      weight,
      ...(untracked ? { untracked } : {}),
    })),
  };
}

function completeSegmentTarget({ contextKind, values }: SegmentTarget): SegmentTarget {
  return { contextKind: contextKind || 'user', values: values ?? [] };
}

function completeSegmentRule(rule: SegmentRule): SegmentRule {
  return {
    id: rule.id ?? '',
    clauses: (rule.clauses ?? []).map(completeClause),
    ...present('weight', rule.weight),
    ...present('bucketBy', rule.bucketBy || undefined),
    ...present('rolloutContextKind', rule.rolloutContextKind || undefined),
  };
}

/** The field, unless it is absent: some fields must be left out rather than be null. */
function present<Name extends string, T>(name: Name, value: T | null | undefined): { [name in Name]?: T } {
  return value === undefined || value === null ? {} : ({ [name]: value } as { [name in Name]: T });
}

function requirements(change: LoggedChange): string[] {
  const rules = change.item?.rules as readonly { readonly clauses?: readonly Clause[] }[] | undefined;
  const segments = segmentsIn(rules).map((key) => idOf('segment', key));
  if (change.kind === 'segment') return segments;
  return [...segments, ...(change.item?.prerequisites ?? []).map(({ key }) => idOf('setting', key))];
}

function idOf(kind: string, key: string): string {
  return `${kind}/${key}`;
}

function pathOf({ kind, key }: LoggedChange): string {
  return `/${kind === 'setting' ? 'flags' : 'segments'}/${key}`;
}

function encodeCollection(texts: ReadonlyMap<string, string>): string {
  const parts: string[] = [];
  for (const [key, text] of texts) parts.push(`${JSON.stringify(key)}:${text}`);
  return `{${parts.join(',')}}`;
}
