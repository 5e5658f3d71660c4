// Whether an item can be served as it is meant: its shape, its indexes, its weights, and all that it refers to. Pure.
import { Ajv, type ValidateFunction } from 'ajv';
import {
  type Clause,
  type Json,
  OPERATORS,
  type Prerequisite,
  parseReference,
  prepareTest,
  type Rollout,
  type Segment,
  type SegmentTarget,
  type Setting,
  type Target,
  type VariationOrRollout,
} from 'feathery-server-sdk/protocol';
import { FULL_WEIGHT } from './limits.js';
import { toViolations, type Violation } from './problems.js';
import { DefinitionPatch, SegmentPatch, SettingPatch } from './schemas.js';
import { segmentsIn } from './wire.js';

/** The items an item may refer to, as they are going to be. */
export interface ItemView {
  setting(key: string): Setting | undefined;
  segment(key: string): Segment | undefined;
}

type Report = (pointer: string, detail: string) => void;

const ajv = new Ajv({ allErrors: false, strict: false });
const isPatchOf: Readonly<Record<'setting' | 'segment' | 'definition', ValidateFunction>> = {
  setting: ajv.compile(SettingPatch),
  segment: ajv.compile(SegmentPatch),
  definition: ajv.compile(DefinitionPatch),
};
const KIND = /^[A-Za-z0-9._-]+$/;

/** Faults in the shape of a patch, before it is merged. Only a patch without any may be merged. */
export function patchFaults(kind: keyof typeof isPatchOf, patch: unknown): Violation[] {
  const isPatch = isPatchOf[kind];
  return isPatch(patch) ? [] : toViolations(isPatch.errors ?? []);
}

/** Faults of a complete setting among the items of its environment. */
export function settingFaults(setting: Setting, view: ItemView): Violation[] {
  const { report, faults } = collector();
  const { variations = [], offVariation, rules = [] } = setting;
  const count = variations?.length ?? 0;
  if (offVariation !== null && offVariation !== undefined) checkIndex(offVariation, count, '/offVariation', report);
  checkOutcome(setting.fallthrough ?? {}, count, '/fallthrough', report);
  checkTargets(setting.targets ?? [], count, '/targets', report);
  checkTargets(setting.contextTargets ?? [], count, '/contextTargets', report);
  for (const [index, rule] of (rules ?? []).entries()) {
    checkOutcome(rule, count, `/rules/${index}`, report);
    checkClauses(rule.clauses ?? [], `/rules/${index}/clauses`, view, report);
  }
  checkRuleIds(rules ?? [], report);
  checkPrerequisites(setting, setting.prerequisites ?? [], view, report);
  return faults;
}

/** Faults of a complete segment among the items of its environment. */
export function segmentFaults(segment: Segment, view: ItemView): Violation[] {
  const { report, faults } = collector();
  checkSegmentTargets(segment.includedContexts ?? [], '/includedContexts', report);
  checkSegmentTargets(segment.excludedContexts ?? [], '/excludedContexts', report);
  if (segment.unboundedContextKind) checkKind(segment.unboundedContextKind, '/unboundedContextKind', report);
  for (const [index, rule] of (segment.rules ?? []).entries()) {
    const at = `/rules/${index}`;
    checkClauses(rule.clauses ?? [], `${at}/clauses`, view, report);
    if (rule.rolloutContextKind) checkKind(rule.rolloutContextKind, `${at}/rolloutContextKind`, report);
    checkReference(rule.bucketBy, rule.rolloutContextKind, `${at}/bucketBy`, report);
  }
  checkRuleIds(segment.rules ?? [], report);
  const cycle = findCycle(segment.key, (key) => segmentsIn((key === segment.key ? segment : view.segment(key))?.rules));
  if (cycle) report('/rules', `is a cycle of segments: ${cycle.join(' → ')}`);
  return faults;
}

/** A way from `start` back to itself, both ends included; undefined when there is none. */
function findCycle(start: string, next: (key: string) => readonly string[]): string[] | undefined {
  const cameFrom = new Map<string, string>();
  // Not recursive: a chain may be as long as there are items.
  const waiting = [start];
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
    for (const needed of next(key)) {
      if (needed === start) return wayTo(key, cameFrom, [start]);
      if (cameFrom.has(needed)) continue;
      cameFrom.set(needed, key);
      waiting.push(needed);
    }
  }
  return undefined;
}

function wayTo(end: string, cameFrom: ReadonlyMap<string, string>, rest: string[]): string[] {
  const way = rest;
  for (let key: string | undefined = end; key !== undefined; key = cameFrom.get(key)) way.unshift(key);
  return way;
}

function checkPrerequisites(setting: Setting, list: readonly Prerequisite[], view: ItemView, report: Report): void {
  for (const [index, { key, variation }] of list.entries()) {
    const at = `/prerequisites/${index}`;
    const required = key === setting.key ? setting : view.setting(key);
    if (required === undefined) report(`${at}/key`, `there is no setting "${key}"`);
    else checkIndex(variation, required.variations?.length ?? 0, `${at}/variation`, report);
  }
  const keysOf = (of: Setting | undefined) => (of?.prerequisites ?? []).map(({ key }) => key);
  const cycle = findCycle(setting.key, (key) => keysOf(key === setting.key ? setting : view.setting(key)));
  if (cycle) report('/prerequisites', `is a cycle: ${cycle.join(' → ')}`);
}

function checkOutcome({ variation, rollout }: VariationOrRollout, count: number, at: string, report: Report): void {
  if (variation !== undefined && variation !== null) checkIndex(variation, count, `${at}/variation`, report);
  else if (rollout) checkRollout(rollout, count, `${at}/rollout`, report);
  else report(at, 'needs a variation or a rollout');
}

function checkRollout(rollout: Rollout, count: number, at: string, report: Report): void {
  const entries = rollout.variations ?? [];
  for (const [index, { variation }] of entries.entries()) {
    checkIndex(variation, count, `${at}/variations/${index}/variation`, report);
  }
  const sum = entries.reduce((total, { weight }) => total + weight, 0);
  if (sum !== FULL_WEIGHT) report(`${at}/variations`, `has weights that add up to ${sum} and not to ${FULL_WEIGHT}`);
  if (rollout.contextKind) checkKind(rollout.contextKind, `${at}/contextKind`, report);
  checkReference(rollout.bucketBy, rollout.contextKind, `${at}/bucketBy`, report);
}

function checkTargets(targets: readonly Target[], count: number, at: string, report: Report): void {
  for (const [index, { contextKind, variation }] of targets.entries()) {
    checkIndex(variation, count, `${at}/${index}/variation`, report);
    if (contextKind) checkKind(contextKind, `${at}/${index}/contextKind`, report);
  }
}

function checkSegmentTargets(targets: readonly SegmentTarget[], at: string, report: Report): void {
  for (const [index, { contextKind }] of targets.entries()) {
    if (contextKind) checkKind(contextKind, `${at}/${index}/contextKind`, report);
  }
}

function checkRuleIds(rules: readonly { readonly id?: string | null }[], report: Report): void {
  const seen = new Set<string>();
  for (const [index, { id }] of rules.entries()) {
    if (!id) continue;
    if (seen.has(id)) report(`/rules/${index}/id`, `"${id}" is used twice`);
    seen.add(id);
  }
}

function checkIndex(index: number, count: number, at: string, report: Report): void {
  if (index >= count) report(at, `there is no variation ${index}; the last one is ${count - 1}`);
}

function checkKind(kind: string, at: string, report: Report): void {
  if (!KIND.test(kind) || kind === 'kind' || kind === 'multi') report(at, `"${kind}" is no kind of context`);
}

/** Without a context kind the text is a literal name, whatever is in it (protocol.md 2.7). */
function checkReference(text: string | null | undefined, kind: string | null | undefined, at: string, report: Report) {
  if (text && kind && parseReference(text) === undefined) report(at, `"${text}" is no attribute reference`);
}

function checkClauses(clauses: readonly Clause[], at: string, view: ItemView, report: Report): void {
  for (const [index, clause] of clauses.entries()) checkClause(clause, `${at}/${index}`, view, report);
}

function checkClause(clause: Clause, at: string, view: ItemView, report: Report): void {
  const { op, attribute, contextKind, values } = clause;
  const valueFault = VALUE_FAULTS[op as string];
  if (valueFault === undefined) {
    report(`${at}/op`, `"${op}" is none of ${OPERATORS.join(', ')}`);
    return;
  }
  if (contextKind) checkKind(contextKind, `${at}/contextKind`, report);
  if (op !== 'segmentMatch') {
    if (!attribute) report(`${at}/attribute`, 'is needed');
    else checkReference(attribute, contextKind, `${at}/attribute`, report);
  }
  for (const [index, value] of (values ?? []).entries()) {
    const fault = valueFault(value, view);
    if (fault !== undefined) report(`${at}/values/${index}`, fault);
  }
}

type ValueFault = (value: unknown, view: ItemView) => string | undefined;

const text: ValueFault = (value) => (typeof value === 'string' ? undefined : 'must be text');
const number: ValueFault = (value) => (typeof value === 'number' ? undefined : 'must be a number');
const scalar: ValueFault = (value) =>
  ['string', 'number', 'boolean'].includes(typeof value) ? undefined : 'must be text, a number, true or false';

const pattern: ValueFault = (value) => {
  if (typeof value !== 'string') return 'must be a regular expression';
  try {
    new RegExp(value);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
};

// The operators themselves say what they can read: no instant is before an unreadable one, no version equals one.
const instant: ValueFault = (value) =>
  prepareTest('before', [value as Json])(Number.NEGATIVE_INFINITY)
    ? undefined
    : 'must be milliseconds or a date like 2026-01-31T12:00:00Z';
const version: ValueFault = (value) =>
  prepareTest('semVerEqual', [value as Json])(value) ? undefined : 'must be a semantic version like 2.1.0';

const segment: ValueFault = (value, view) =>
  typeof value === 'string' && view.segment(value) !== undefined ? undefined : `there is no segment "${value}"`;

const VALUE_FAULTS: Readonly<Record<string, ValueFault>> = {
  in: scalar,
  startsWith: text,
  endsWith: text,
  contains: text,
  matches: pattern,
  lessThan: number,
  lessThanOrEqual: number,
  greaterThan: number,
  greaterThanOrEqual: number,
  before: instant,
  after: instant,
  semVerEqual: version,
  semVerLessThan: version,
  semVerGreaterThan: version,
  segmentMatch: segment,
};

function collector(): { report: Report; faults: Violation[] } {
  const faults: Violation[] = [];
  return { faults, report: (pointer, detail) => faults.push({ pointer, detail }) };
}
