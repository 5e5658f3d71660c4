import type { Json } from './protocol.js';
import { compareVersion, parseVersion, type Version } from './semver.js';

/** Tests one value of a context; arrays are taken apart by the caller. */
export type Test = (value: unknown) => boolean;

/** Prepares a test from the values of a clause: true when any of them fits. */
type Prepare = (values: readonly Json[]) => Test;

/** Every operator that looks at an attribute. What depends on the clause alone is done here, once. */
const PREPARE = {
  in: equalsAny,
  startsWith: (values) => anyString(values, (value, start) => value.startsWith(start)),
  endsWith: (values) => anyString(values, (value, end) => value.endsWith(end)),
  contains: (values) => anyString(values, (value, part) => value.includes(part)),
  matches: matchesAny,
  lessThan: (values) => below(values, toNumber),
  lessThanOrEqual: (values) => {
    const bound = greatest(values, toNumber);
    return (value) => toNumber(value) <= bound;
  },
  greaterThan: (values) => above(values, toNumber),
  greaterThanOrEqual: (values) => {
    const bound = least(values, toNumber);
    return (value) => toNumber(value) >= bound;
  },
  before: (values) => below(values, toInstant),
  after: (values) => above(values, toInstant),
  semVerEqual: (values) => anyVersion(values, (order) => order === 0),
  semVerLessThan: (values) => anyVersion(values, (order) => order < 0),
  semVerGreaterThan: (values) => anyVersion(values, (order) => order > 0),
} satisfies Record<string, Prepare>;

/** Every operator a clause can have. */
export type Operator = keyof typeof PREPARE | 'segmentMatch';
export const OPERATORS: readonly Operator[] = [...(Object.keys(PREPARE) as Operator[]), 'segmentMatch'];

/** RFC 3339 with upper-case letters, every part in its range; how many days a month has is checked apart. */
const DATE =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** An unknown operator never fits. */
export function prepareTest(operator: string, values: readonly Json[]): Test {
  return isComparing(operator) ? PREPARE[operator](values) : () => false;
}

function isComparing(operator: string): operator is keyof typeof PREPARE {
  return Object.hasOwn(PREPARE, operator);
}

function equalsAny(values: readonly Json[]): Test {
  const candidates = equalCandidates(values);
  return (value) => candidates.has(value);
}

/** What `in` compares with: objects, arrays and null never equal anything. */
export function equalCandidates(values: readonly Json[]): ReadonlySet<unknown> {
  return new Set(values.filter((value) => typeof value !== 'object'));
}

function anyString(values: readonly Json[], fits: (value: string, candidate: string) => boolean): Test {
  const candidates = values.filter((value) => typeof value === 'string');
  return (value) => typeof value === 'string' && candidates.some((candidate) => fits(value, candidate));
}

function matchesAny(values: readonly Json[]): Test {
  const patterns = values.map(parsePattern).filter((pattern) => pattern !== undefined);
  return (value) => typeof value === 'string' && patterns.some((pattern) => pattern.test(value));
}

/** Undefined for what is no pattern: it then matches nothing. */
function parsePattern(source: Json): RegExp | undefined {
  if (typeof source !== 'string') return undefined;
  try {
    return new RegExp(source);
  } catch {
    return undefined;
  }
}

/** Less than any of the values is less than the greatest of them. */
function below(values: readonly Json[], measure: (value: unknown) => number): Test {
  const bound = greatest(values, measure);
  return (value) => measure(value) < bound;
}

function above(values: readonly Json[], measure: (value: unknown) => number): Test {
  const bound = least(values, measure);
  return (value) => measure(value) > bound;
}

/** NaN, with which every comparison is false, when there is nothing to compare with. */
function greatest(values: readonly Json[], measure: (value: unknown) => number): number {
  return pick(values, measure, (candidate, best) => candidate > best);
}

function least(values: readonly Json[], measure: (value: unknown) => number): number {
  return pick(values, measure, (candidate, best) => candidate < best);
}

function pick(
  values: readonly Json[],
  measure: (value: unknown) => number,
  isBetter: (candidate: number, best: number) => boolean,
): number {
  let best = Number.NaN;
  for (const value of values) {
    const candidate = measure(value);
    if (Number.isNaN(best) || isBetter(candidate, best)) best = candidate;
  }
  return best;
}

function toNumber(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN;
}

/** Whole milliseconds since the epoch; NaN for what is no date. */
function toInstant(value: unknown): number {
  if (typeof value === 'number') return Math.floor(value);
  return typeof value === 'string' && DATE.test(value) && dayExists(value) ? Date.parse(value) : Number.NaN;
}

/** The platform's parser takes 30 February for 2 March. */
function dayExists(date: string): boolean {
  return new Date(date.slice(0, 10)).getUTCDate() === Number(date.slice(8, 10));
}

function anyVersion(values: readonly Json[], fits: (order: number) => boolean): Test {
  const versions = values
    .map((value) => (typeof value === 'string' ? parseVersion(value) : undefined))
    .filter((version) => version !== undefined);
  const [only] = versions;
  if (only !== undefined && versions.length === 1) {
    return (value) => typeof value === 'string' && fits(compareVersion(value, only));
  }
  return (value) => typeof value === 'string' && anyFits(value, versions, fits);
}

function anyFits(text: string, versions: readonly Version[], fits: (order: number) => boolean): boolean {
  for (const version of versions) {
    if (fits(compareVersion(text, version))) return true;
  }
  return false;
}
