// How one given value becomes a usable one. Nothing here throws: a problem is a warning and a default.

/** Timers overflow above this and would fire at once. */
const MAX_DURATION_MS = 2 ** 31 - 1;

export type Warn = (problem: string) => void;
/** Makes a usable value of what was given; warns and takes the default when that is not possible. */
export type Reader<Value> = (given: unknown, warn: Warn) => Value;

export function boolean<Default extends boolean | undefined>(otherwise: Default): Reader<boolean | Default> {
  return (given, warn) => {
    if (given === undefined || given === null) return otherwise;
    if (typeof given !== 'boolean') warn(`should be a boolean; it is taken as ${Boolean(given)}`);
    return Boolean(given);
  };
}

export function duration(otherwise: number, minimum: number): Reader<number> {
  return number(otherwise, minimum, MAX_DURATION_MS);
}

export function count(otherwise: number, maximum: number): Reader<number> {
  const read = number(otherwise, 1, maximum);
  return (given, warn) => Math.floor(read(given, warn));
}

function number(otherwise: number, minimum: number, maximum: number): Reader<number> {
  return (given, warn) => {
    if (given === undefined || given === null) return otherwise;
    if (typeof given !== 'number' || Number.isNaN(given)) {
      warn(`should be a number; the default ${otherwise} is used`);
      return otherwise;
    }
    const bounded = Math.min(Math.max(given, minimum), maximum);
    if (bounded !== given) warn(`should be from ${minimum} to ${maximum}; ${bounded} is used`);
    return bounded;
  };
}

export function text(pattern: RegExp, expected: string): Reader<string | undefined> {
  return (given, warn) => {
    if (given === undefined || given === null) return undefined;
    if (typeof given === 'string' && pattern.test(given)) return given;
    warn(`should be a string of ${expected}; it is ignored`);
    return undefined;
  };
}

export function address(given: unknown, warn: Warn): string | undefined {
  if (given === undefined || given === null || given === '') return undefined;
  if (typeof given === 'string' && /^https?:\/\//i.test(given) && URL.canParse(given)) return given.replace(/\/+$/, '');
  warn('should be an address that begins with http:// or https://; it is ignored');
  return undefined;
}

/** Keeps what can be used: to lose a whole list of private attributes over one entry would reveal the others. */
export function list<Item>(expected: string, isItem: (item: unknown) => boolean): Reader<readonly Item[]> {
  return (given, warn) => {
    if (given === undefined || given === null) return Object.freeze([]);
    if (!Array.isArray(given)) {
      warn('should be an array; it is ignored');
      return Object.freeze([]);
    }
    const usable = given.filter(isItem) as Item[];
    if (usable.length < given.length) warn(`should hold nothing that is not ${expected}; the rest is used`);
    return Object.freeze(usable);
  };
}

export function shape<Value extends object>(
  expected: string,
  fits: (given: Value) => boolean,
): Reader<Value | undefined> {
  return (given, warn) => {
    if (given === undefined || given === null) return undefined;
    if (isObject(given) && fits(given as Value)) return given as Value;
    warn(`should be ${expected}; it is ignored`);
    return undefined;
  };
}

export function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

export function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
