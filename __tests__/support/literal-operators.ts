// The operators of section 3.7, slowly and literally: for literal-evaluator.ts.

// biome-ignore lint/suspicious/noExplicitAny: the input is anything at all
type Any = any;

// 3.7
export function fits(op: Any, u: Any, c: Any): boolean {
  const strings = typeof u === 'string' && typeof c === 'string';
  const numbers = typeof u === 'number' && typeof c === 'number';
  switch (op) {
    case 'in':
      return ['string', 'number', 'boolean'].includes(typeof u) && u === c;
    case 'startsWith':
      return strings && u.startsWith(c);
    case 'endsWith':
      return strings && u.endsWith(c);
    case 'contains':
      return strings && u.includes(c);
    case 'matches':
      return strings && found(c, u);
    case 'lessThan':
      return numbers && u < c;
    case 'lessThanOrEqual':
      return numbers && u <= c;
    case 'greaterThan':
      return numbers && u > c;
    case 'greaterThanOrEqual':
      return numbers && u >= c;
    case 'before':
      return compareDates(u, c) === -1;
    case 'after':
      return compareDates(u, c) === 1;
    case 'semVerEqual':
      return strings && compareVersions(u, c) === 0;
    case 'semVerLessThan':
      return strings && compareVersions(u, c) === -1;
    case 'semVerGreaterThan':
      return strings && compareVersions(u, c) === 1;
    default:
      return false;
  }
}

function found(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern).test(value);
  } catch {
    return false;
  }
}

// 3.7.1
function compareDates(left: Any, right: Any): number | undefined {
  const [u, c] = [instant(left), instant(right)];
  return u === undefined || c === undefined ? undefined : Math.sign(u - c);
}

function instant(value: Any): number | undefined {
  if (typeof value === 'number') return Math.floor(value);
  if (typeof value !== 'string') return undefined;
  const match = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(\.\d+)?(?:Z|([+-])(\d{2}):(\d{2}))$/.exec(value);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [offsetHour, offsetMinute] = [Number(match[9] ?? 0), Number(match[10] ?? 0)];
  if (hour > 23 || minute > 59 || second > 59 || offsetHour > 23 || offsetMinute > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const millis = Number((match[7] ?? '.').slice(1, 4).padEnd(3, '0'));
  const offset = (match[8] === '-' ? -1 : 1) * (offsetHour * 60 + offsetMinute);
  return date.getTime() + ((hour * 60 + minute - offset) * 60 + second) * 1000 + millis;
}

// 3.7.2
function compareVersions(left: string, right: string): number | undefined {
  const [u, c] = [version(left), version(right)];
  if (u === undefined || c === undefined) return undefined;
  for (let part = 0; part < 3; part++) {
    if (u.core[part] !== c.core[part]) return (u.core[part] as bigint) < (c.core[part] as bigint) ? -1 : 1;
  }
  if (u.pre === undefined || c.pre === undefined) return u.pre === c.pre ? 0 : u.pre === undefined ? 1 : -1;
  for (let index = 0; index < Math.max(u.pre.length, c.pre.length); index++) {
    const order = compareIdentifiers(u.pre[index], c.pre[index]);
    if (order !== 0) return order;
  }
  return 0;
}

function compareIdentifiers(u: string | undefined, c: string | undefined): number {
  if (u === undefined || c === undefined) return u === undefined ? -1 : 1;
  const [uNumeric, cNumeric] = [/^\d+$/.test(u), /^\d+$/.test(c)];
  if (uNumeric && cNumeric) return BigInt(u) === BigInt(c) ? 0 : BigInt(u) < BigInt(c) ? -1 : 1;
  if (uNumeric !== cNumeric) return uNumeric ? -1 : 1;
  return u === c ? 0 : u < c ? -1 : 1;
}

function version(text: string): { core: bigint[]; pre: string[] | undefined } | undefined {
  const [withoutBuild, ...builds] = text.split('+') as [string, ...string[]];
  if (builds.length > 1 || builds.some((build) => !build.split('.').every((id) => /^[0-9A-Za-z-]+$/.test(id))))
    return undefined;
  const dash = withoutBuild.indexOf('-');
  const core = (dash < 0 ? withoutBuild : withoutBuild.slice(0, dash)).split('.');
  const pre = dash < 0 ? undefined : withoutBuild.slice(dash + 1).split('.');
  if (core.length > 3 || !core.every((part) => /^(0|[1-9]\d*)$/.test(part))) return undefined;
  if (pre?.some((id) => !/^[0-9A-Za-z-]+$/.test(id) || /^0\d+$/.test(id))) return undefined;
  return { core: [0, 1, 2].map((part) => BigInt(core[part] ?? 0)), pre };
}
