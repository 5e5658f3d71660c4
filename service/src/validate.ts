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
import { cycleText, findCycle } from './cycles.js';
import { FULL_WEIGHT } from './limits.js';
import { toViolations, type Violation } from './problems.js';
import { DefinitionPatch, SegmentPatch, SettingPatch } from './schemas.js';
import { segmentsIn } from './wire.js';

/** The items an item may refer to, as they are going to be. */
export interface ItemView {
  setting(key: string): Setting | undefined;
  segment(key: string): Segment | undefined;
}

/** A fault, and the key of the item it is in. */
export interface KeyedFault extends Violation {
  readonly key: string;
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

/** Faults of a complete setting among the items of its environment, cycles aside. */
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

/** Faults of a complete segment among the items of its environment, cycles aside. */
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
  return faults;
}

/** A fault of the first setting found, of `keys` or of what they need, whose prerequisites lead back to it. */
export function prerequisiteCycle(keys: readonly string[], view: ItemView): KeyedFault | undefined {
  const cycle = findCycle(keys, (key) => (view.setting(key)?.prerequisites ?? []).map((needed) => needed.key));
  return cycle && { key: cycle[0] as string, pointer: '/prerequisites', detail: `is a cycle: ${cycleText(cycle)}` };
}

/** The same of segments whose rules ask for segments. */
export function segmentCycle(keys: readonly string[], view: ItemView): KeyedFault | undefined {
  const cycle = findCycle(keys, (key) => segmentsIn(view.segment(key)?.rules));
  return cycle && { key: cycle[0] as string, pointer: '/rules', detail: `is a cycle of segments: ${cycleText(cycle)}` };
}

function checkPrerequisites(setting: Setting, list: readonly Prerequisite[], view: ItemView, report: Report): void {
  for (const [index, { key, variation }] of list.entries()) {
    const at = `/prerequisites/${index}`;
    const required = key === setting.key ? setting : view.setting(key);
    if (required === undefined) report(`${at}/key`, `there is no setting "${key}"`);
    else checkIndex(variation, required.variations?.length ?? 0, `${at}/variation`, report);
  }
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
