// Semantic Versions 2.0.0 (semver.org), except that minor and patch may be left out and then count as 0.

/** A version taken apart. Build metadata is dropped: it has no precedence. */
export interface Version {
  /** Major, minor and patch as written, since they may be longer than what a number holds exactly. */
  readonly core: readonly string[];
  /** The same as numbers; those beyond 15 digits are rounded. */
  readonly numbers: readonly number[];
  /** Empty for a release. */
  readonly preRelease: readonly string[];
}

const NUMBER = '0|[1-9]\\d*';
const IDENTIFIER = `(?:${NUMBER}|\\d*[A-Za-z-][0-9A-Za-z-]*)`;
const VERSION = new RegExp(
  `^(${NUMBER})(?:\\.(${NUMBER})(?:\\.(${NUMBER}))?)?` +
    `(?:-(${IDENTIFIER}(?:\\.${IDENTIFIER})*))?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`,
);
const DIGITS = /^\d+$/;

const ZERO = 48;
/** The code of a dot, less that of a zero. */
const DOT = -2;

/** Longest number that a double always holds exactly. */
const EXACT_DIGITS = 15;

/** Undefined when the text is no version. */
export function parseVersion(text: string): Version | undefined {
  const match = VERSION.exec(text);
  if (match === null) return undefined;
  const [, major, minor, patch, preRelease] = match;
  const core = [major as string, minor ?? '0', patch ?? '0'];
  return { core, numbers: core.map(Number), preRelease: preRelease?.split('.') ?? [] };
}

/** Negative, zero or positive as the text precedes, equals or follows the version; NaN when it is no version. */
export function compareVersion(text: string, to: Version): number {
  const order = comparePlain(text, to);
  if (!Number.isNaN(order)) return order;
  const version = parseVersion(text);
  return version === undefined ? Number.NaN : compare(version, to);
}

/** Nearly all versions are three short numbers: these are compared as they are read. NaN for anything else. */
function comparePlain(text: string, { numbers, preRelease }: Version): number {
  let order = 0;
  let part = 0;
  let value = 0;
  let digits = 0;
  for (let index = 0; index < text.length; index++) {
    const digit = text.charCodeAt(index) - ZERO;
    if (digit >= 0 && digit <= 9) {
      const hasLeadingZero = digits > 0 && value === 0;
      if (hasLeadingZero || digits === EXACT_DIGITS) return Number.NaN;
      value = value * 10 + digit;
      digits++;
    } else {
      if (digit !== DOT || digits === 0 || part === 2) return Number.NaN;
      if (order === 0) order = value - (numbers[part] as number);
      part++;
      value = 0;
      digits = 0;
    }
  }
  if (digits === 0) return Number.NaN;
  // Parts that are left out count as 0.
  for (; part < 3 && order === 0; part++, value = 0) order = value - (numbers[part] as number);
  return order === 0 && preRelease.length > 0 ? 1 : order;
}

function compare(left: Version, right: Version): number {
  for (let part = 0; part < 3; part++) {
    const order = compareDigits(left.core[part] as string, right.core[part] as string);
    if (order !== 0) return order;
  }
  return comparePreReleases(left.preRelease, right.preRelease);
}

function comparePreReleases(left: readonly string[], right: readonly string[]): number {
  // A release follows all of its pre-releases.
  if (left.length === 0 || right.length === 0) return right.length - left.length;
  for (let index = 0; index < left.length && index < right.length; index++) {
    const order = compareIdentifiers(left[index] as string, right[index] as string);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function compareIdentifiers(left: string, right: string): number {
  const leftIsNumber = DIGITS.test(left);
  if (leftIsNumber !== DIGITS.test(right)) return leftIsNumber ? -1 : 1;
  return leftIsNumber ? compareDigits(left, right) : compareText(left, right);
}

/** Numbers without leading zeros, of any length: the longer one is the greater. */
function compareDigits(left: string, right: string): number {
  return left.length - right.length || compareText(left, right);
}

function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
