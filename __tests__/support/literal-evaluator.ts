// Evaluation once more, slowly and literally, sentence by sentence from docs/protocol.md (sections 1 to 3 and B.2). It
// shares no code with lib/: where both give the same for thousands of generated inputs, neither speed nor preparation
// has changed the meaning. Comments name the sections.
import { createHash } from 'node:crypto';
import { fits } from './literal-operators.js';

// biome-ignore lint/suspicious/noExplicitAny: the input is anything at all
type Any = any;

interface Outcome {
  value: unknown;
  variationIndex: number | null;
  reason: Record<string, unknown>;
}

export interface LiteralResult {
  detail: Outcome;
  prerequisites: { key: string; detail: Outcome; requiredBy: string }[];
}

interface Data {
  settings: Record<string, Any>;
  segments: Record<string, Any>;
}

class Malformed extends Error {
  constructor(readonly isCycle: boolean) {
    super();
  }
}

/** State of the evaluation of one setting. */
interface Scope {
  data: Data;
  context: Map<string, Any>;
  prerequisites: LiteralResult['prerequisites'];
  bigSegment: boolean;
}

export function evaluateLiterally(data: Data, key: string, context: Any): LiteralResult {
  const prerequisites: LiteralResult['prerequisites'] = [];
  try {
    return {
      detail: evaluateSetting(data, get(data.settings, key), key, toParts(context), [], prerequisites),
      prerequisites,
    };
  } catch (error) {
    if (error instanceof Propagated) return { detail: error.detail, prerequisites };
    throw error;
  }
}

/** An error in a prerequisite that makes the whole evaluation malformed. */
class Propagated extends Error {
  constructor(
    readonly detail: Outcome,
    readonly isCycle: boolean,
  ) {
    super();
  }
}

// 2.3, 2.1, 2.2: every context becomes a map from kind to a part with all attributes at its top level.
function toParts(context: Any): Map<string, Any> {
  if (context.kind === undefined) return new Map([['user', convertUser(context)]]);
  if (context.kind !== 'multi') return new Map([[context.kind, toPart(context)]]);
  return new Map(
    Object.entries(context)
      .filter(([kind]) => kind !== 'kind')
      .map(([kind, part]) => [kind, toPart(part)]),
  );
}

function toPart(part: Any): Map<string, Any> {
  const attributes = new Map<string, Any>(Object.entries(part));
  attributes.delete('_meta');
  attributes.delete('kind');
  attributes.set('anonymous', part.anonymous === true);
  return attributes;
}

function convertUser(user: Any): Map<string, Any> {
  const attributes = new Map<string, Any>();
  for (const [name, value] of Object.entries(user.custom ?? {})) {
    if (!['kind', 'key', 'name', 'anonymous', '_meta'].includes(name)) attributes.set(name, value);
  }
  for (const [name, value] of Object.entries(user)) {
    if (['custom', 'privateAttributeNames', '_meta', 'kind'].includes(name) || value === null || value === undefined)
      continue;
    const isStandard = ['name', 'firstName', 'lastName', 'email', 'country', 'avatar', 'ip'].includes(name);
    attributes.set(name, isStandard ? String(value) : value);
  }
  attributes.set('key', String(user.key));
  attributes.set('anonymous', Boolean(user.anonymous));
  return attributes;
}

// 3.3
function evaluateSetting(
  data: Data,
  setting: Any,
  key: string,
  context: Map<string, Any>,
  chain: string[],
  prerequisites: LiteralResult['prerequisites'],
): Outcome {
  const scope: Scope = { data, context, prerequisites, bigSegment: false };
  const withStatus = (outcome: Outcome): Outcome =>
    scope.bigSegment ? { ...outcome, reason: { ...outcome.reason, bigSegmentsStatus: 'NOT_CONFIGURED' } } : outcome;
  try {
    return withStatus(decide(scope, setting, key, chain));
  } catch (error) {
    if (error instanceof Malformed) throw new Propagated(withStatus(malformed()), error.isCycle);
    throw error;
  }
}

function decide(scope: Scope, setting: Any, key: string, chain: string[]): Outcome {
  if (setting.on !== true) return off(setting, { kind: 'OFF' });

  // 3.4.3
  for (const prerequisite of objects(setting.prerequisites)) {
    if (!satisfied(scope, prerequisite, key, [...chain, key])) {
      return off(setting, { kind: 'PREREQUISITE_FAILED', prerequisiteKey: text(prerequisite.key) });
    }
  }

  // 3.5
  const target = findTarget(setting, scope.context);
  if (target !== undefined) return variation(setting, target.variation, { kind: 'TARGET_MATCH' });

  // 3.6
  for (const [ruleIndex, rule] of objects(setting.rules).entries()) {
    if (!objects(rule.clauses).every((clause) => matchesClause(scope, clause, []))) continue;
    const id = text(rule.id);
    return serve(scope, setting, key, rule, { kind: 'RULE_MATCH', ruleIndex, ...(id !== '' && { ruleId: id }) });
  }
  return serve(scope, setting, key, object(setting.fallthrough), { kind: 'FALLTHROUGH' });
}

function satisfied(scope: Scope, prerequisite: Any, requiredBy: string, chain: string[]): boolean {
  const key = text(prerequisite.key);
  if (chain.includes(key)) throw new Malformed(true);
  const setting = get(scope.data.settings, key);
  if (setting === undefined) return false;
  const record = (detail: Outcome) => {
    scope.prerequisites.push({ key, detail, requiredBy });
    if (detail.reason.bigSegmentsStatus !== undefined) scope.bigSegment = true;
    return detail;
  };
  try {
    const detail = record(evaluateSetting(scope.data, setting, key, scope.context, chain, scope.prerequisites));
    return setting.on === true && detail.variationIndex !== null && detail.variationIndex === prerequisite.variation;
  } catch (error) {
    if (!(error instanceof Propagated)) throw error;
    if (!error.isCycle) record(error.detail);
    else if (error.detail.reason.bigSegmentsStatus !== undefined) scope.bigSegment = true;
    throw new Malformed(error.isCycle);
  }
}

// 3.4.1, 3.4.2
function off(setting: Any, reason: Outcome['reason']): Outcome {
  if (setting.offVariation === undefined || setting.offVariation === null) {
    return { value: null, variationIndex: null, reason };
  }
  return variation(setting, setting.offVariation, reason);
}

function variation(setting: Any, index: Any, reason: Outcome['reason']): Outcome {
  const variations = list(setting.variations);
  if (!Number.isInteger(index) || index < 0 || index >= variations.length) return malformed();
  return { value: variations[index], variationIndex: index, reason };
}

function malformed(): Outcome {
  return { value: null, variationIndex: null, reason: { kind: 'ERROR', errorKind: 'MALFORMED_FLAG' } };
}

function findTarget(setting: Any, context: Map<string, Any>): Any {
  const lists = (target: Any, kind: string) =>
    context.has(kind) && list(target.values).some((value) => value === context.get(kind).get('key'));
  const userTargets = objects(setting.targets);
  const contextTargets = objects(setting.contextTargets);
  if (contextTargets.length === 0) return userTargets.find((target) => lists(target, 'user'));
  for (const target of contextTargets) {
    const kind = text(target.contextKind) || 'user';
    if (kind === 'user') {
      const userTarget = userTargets.find((candidate) => candidate.variation === target.variation);
      if (userTarget !== undefined && lists(userTarget, 'user')) return target;
    } else if (lists(target, kind)) return target;
  }
  return undefined;
}

// 1.2.2, 3.9
function serve(scope: Scope, setting: Any, key: string, served: Any, reason: Outcome['reason']): Outcome {
  if (served.variation !== undefined && served.variation !== null) return variation(setting, served.variation, reason);
  const rollout = object(served.rollout);
  const entries = objects(rollout.variations);
  if (entries.length === 0) throw new Malformed(false);
  const isExperiment = rollout.kind === 'experiment';
  const kind = text(rollout.contextKind) || 'user';
  const names = isExperiment ? ['key'] : parse(text(rollout.bucketBy) || 'key', text(rollout.contextKind));
  const prefix = typeof rollout.seed === 'number' ? String(rollout.seed) : `${key}.${text(setting.salt)}`;
  const place = bucket(prefix, kind, names, scope.context);
  let sum = 0;
  let chosen = entries.at(-1);
  for (const entry of entries) {
    sum += number(entry.weight) / 100000;
    if (place < sum) {
      chosen = entry;
      break;
    }
  }
  const inExperiment = isExperiment && scope.context.has(kind) && chosen.untracked !== true;
  return variation(setting, chosen.variation, { ...reason, ...(inExperiment && { inExperiment: true }) });
}

// 3.9.1
function bucket(prefix: string, kind: string, names: string[], context: Map<string, Any>): number {
  const value = resolve(context, kind, names);
  let hashed: string;
  if (typeof value === 'string') hashed = value;
  else if (typeof value === 'number' && Number.isInteger(value)) hashed = BigInt(value).toString();
  else return 0;
  const digits = createHash('sha1').update(`${prefix}.${hashed}`, 'utf8').digest('hex').slice(0, 15);
  return Number.parseInt(digits, 16) / Number(0xfffffffffffffffn);
}

// 3.6
function matchesClause(scope: Scope, clause: Any, segments: string[]): boolean {
  const negate = clause.negate === true;
  if (clause.op === 'segmentMatch') {
    const matched = list(clause.values).some((key) => {
      const segment = typeof key === 'string' ? get(scope.data.segments, key) : undefined;
      return segment !== undefined && isMember(scope, segment, key, segments);
    });
    return matched !== negate;
  }
  const kind = text(clause.contextKind);
  const names = parse(text(clause.attribute), kind);
  const matchesAny = (value: Any) => list(clause.values).some((candidate) => fits(clause.op, value, candidate));
  if (names.length === 1 && names[0] === 'kind') return [...scope.context.keys()].some(matchesAny) !== negate;
  const value = resolve(scope.context, kind || 'user', names);
  if (value === undefined) return false;
  return (Array.isArray(value) ? value.some(matchesAny) : matchesAny(value)) !== negate;
}

// 2.6.1, 2.6.2, 2.7
function parse(attribute: string, contextKind: string): string[] {
  if (attribute === '') throw new Malformed(false);
  if (contextKind === '' || attribute[0] !== '/') return [attribute];
  const names = attribute.slice(1).split('/');
  for (const name of names) {
    if (name === '' || /~([^01]|$)/.test(name)) throw new Malformed(false);
  }
  return names.map((name) => name.replace(/~1/g, '/').replace(/~0/g, '~'));
}

// 2.6.4; undefined stands for missing
function resolve(context: Map<string, Any>, kind: string, names: string[]): Any {
  const part = context.get(kind);
  if (part === undefined) return undefined;
  const [first, ...rest] = names;
  let value = first === 'kind' ? kind : part.get(first);
  for (const name of rest) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    value = own(value, name);
  }
  return value ?? undefined;
}

// 3.8, B.2
function isMember(scope: Scope, segment: Any, key: string, chain: string[]): boolean {
  if (chain.includes(key)) throw new Malformed(false);
  if (segment.unbounded === true) {
    if (!scope.context.has(text(segment.unboundedContextKind) || 'user')) return false;
    scope.bigSegment = true;
    if (typeof segment.generation !== 'number') return false;
  } else {
    const keyOf = (kind: string) => scope.context.get(kind)?.get('key');
    const anyLists = (entries: Any[]) =>
      entries.some((entry) => {
        const kind = text(entry.contextKind) || 'user';
        return scope.context.has(kind) && list(entry.values).includes(keyOf(kind));
      });
    if (scope.context.has('user') && list(segment.included).includes(keyOf('user'))) return true;
    if (anyLists(objects(segment.includedContexts))) return true;
    if (scope.context.has('user') && list(segment.excluded).includes(keyOf('user'))) return false;
    if (anyLists(objects(segment.excludedContexts))) return false;
  }
  return objects(segment.rules).some((rule) => {
    if (!objects(rule.clauses).every((clause) => matchesClause(scope, clause, [...chain, key]))) return false;
    if (rule.weight === undefined || rule.weight === null) return true;
    const kind = text(rule.rolloutContextKind);
    const names = parse(text(rule.bucketBy) || 'key', kind);
    if (!scope.context.has(kind || 'user')) return false;
    return bucket(`${key}.${text(segment.salt)}`, kind || 'user', names, scope.context) < number(rule.weight) / 100000;
  });
}

// 1.1.3, 1.1.4, 1.1.5: whatever is absent, null or of the wrong type
function list(value: Any): Any[] {
  return Array.isArray(value) ? value : [];
}

function object(value: Any): Any {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

function objects(value: Any): Any[] {
  return list(value).map(object);
}

function text(value: Any): string {
  return typeof value === 'string' ? value : '';
}

function number(value: Any): number {
  return typeof value === 'number' ? value : 0;
}

/** 1.4.1: a tombstone counts as missing. */
function get(record: Record<string, Any>, key: string): Any {
  const item = own(record, key);
  return item?.deleted === true ? undefined : item;
}

function own(record: Record<string, Any>, name: string): Any {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
