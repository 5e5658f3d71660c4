// Between a form and the context that an SDK would be given. Pure.
import { isObject } from '../../json.js';
import type { Json } from '../../model.js';

/** One kind of a context. */
export interface Part {
  kind: string;
  key: string;
  /** Name and value as typed. */
  attributes: [name: string, value: string][];
  /** What is known of it is to be filled in. */
  isSeen?: boolean;
}

/** Undefined while no part has a key. */
export function contextOf(parts: readonly Part[]): Json | undefined {
  const usable = parts.filter(({ kind, key }) => kind.trim() !== '' && key.trim() !== '');
  const [first] = usable;
  if (first === undefined) return undefined;
  if (usable.length === 1) return { kind: first.kind, ...bodyOf(first) };
  return { kind: 'multi', ...Object.fromEntries(usable.map((part) => [part.kind, bodyOf(part)])) };
}

/** Whatever the text of a context was: what the form cannot show is left out. */
export function partsOf(context: Json): Part[] {
  if (!isObject(context)) return [{ kind: 'user', key: '', attributes: [] }];
  const { kind = 'user', ...rest } = context;
  const bodies: [string, Json][] = kind === 'multi' ? Object.entries(rest) : [[String(kind), rest]];
  return bodies.flatMap(([name, body]) => (isObject(body) ? [partOf(name, body)] : []));
}

export function partOf(kind: string, { key = '', ...attributes }: { readonly [name: string]: Json }): Part {
  const { custom, ...own } = attributes;
  const all = { ...own, ...(custom !== undefined && isObject(custom) ? custom : {}) };
  return {
    kind,
    key: String(key),
    attributes: Object.entries(all).map(([name, value]) => [
      name,
      typeof value === 'string' && !isLiteral(value) ? value : JSON.stringify(value),
    ]),
  };
}

function bodyOf({ key, attributes }: Part): { [name: string]: Json } {
  const named = attributes.filter(([name]) => name.trim() !== '' && name !== 'key' && name !== 'kind');
  return { key: key.trim(), ...Object.fromEntries(named.map(([name, value]) => [name.trim(), toValue(value)])) };
}

/** `3`, `true`, `["a"]` and `"3"` are JSON; everything else is the text it is. */
function toValue(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function isLiteral(text: string): boolean {
  return toValue(text) !== text;
}
