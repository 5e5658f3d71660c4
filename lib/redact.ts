// Contexts as events carry them: normal form, without what is private. See docs/protocol.md, section 6.6.
import { type Context, type NormalContext, normalize } from './context.js';
import { type Room, takeName, toJson } from './json.js';
import type { Json } from './protocol.js';
import { type AttributePath, escapeName, parseReference } from './reference.js';

/** The part of the options that says what is private everywhere. */
export interface RedactionRules {
  readonly allAttributesPrivate: boolean;
  readonly privateAttributes: readonly string[];
}

/**
 * Turns a valid context into the JSON of an event. The copy shares nothing with the application's object.
 *
 * @param room - What the event may still take; attributes that find no room are left out.
 * @param anonymity - `redact`: of anonymous contexts only kind and key are kept, as feature, custom and migration
 *   events have it.
 * @returns undefined when not even the keys find room.
 */
export type Redact = (context: Context, room: Room, anonymity: 'keep' | 'redact') => Json | undefined;

/** One reference, in the spelling it was given in. */
interface PrivateReference {
  readonly text: string;
  readonly path: AttributePath;
}

/** References by the attribute they begin with, the shortest path first. */
type PrivateReferences = ReadonlyMap<string, readonly PrivateReference[]>;

type Attributes = { readonly [name: string]: unknown };
type JsonObject = Record<string, Json>;

/** Never removed, whatever is private. */
const ALWAYS_KEPT: ReadonlySet<string> = new Set(['kind', 'key', 'anonymous']);

export function createRedact(rules: RedactionRules): Redact {
  const everywhere = indexed(rules.privateAttributes);

  function redactPart(part: Attributes, room: Room, anonymity: 'keep' | 'redact'): Json | undefined {
    if (rules.allAttributesPrivate || (anonymity === 'redact' && part.anonymous === true)) return bare(part, room);
    const own = (part._meta as { privateAttributes?: readonly string[] } | undefined)?.privateAttributes;
    return withoutPrivate(part, own ? indexed([...rules.privateAttributes, ...own]) : everywhere, room);
  }

  return (context, room, anonymity) => {
    const normal = normalize(context);
    if (normal.kind !== 'multi') return redactPart(normal, room, anonymity);
    const written = emptyObject();
    written.kind = 'multi';
    for (const [kind, part] of partsOf(normal)) {
      const redacted = redactPart(part, room, anonymity);
      if (redacted === undefined) return undefined;
      written[kind] = redacted;
    }
    return written;
  };
}

/**
 * The context without its anonymous kinds; what remains of several as a context of one kind when it is one. Undefined
 * when nothing remains.
 */
export function withoutAnonymous(context: Context): NormalContext | undefined {
  const normal = normalize(context);
  if (normal.kind !== 'multi') return normal.anonymous === true ? undefined : normal;
  const remaining = partsOf(normal).filter(([, part]) => part.anonymous !== true);
  const [first] = remaining;
  if (first === undefined) return undefined;
  if (remaining.length === 1) return { ...first[1], kind: first[0] } as NormalContext;
  return { kind: 'multi', ...Object.fromEntries(remaining) } as NormalContext;
}

function partsOf(multi: Attributes): [string, Attributes][] {
  return Object.entries(multi).filter(([kind]) => kind !== 'kind') as [string, Attributes][];
}

/** All attributes private. */
function bare(part: Attributes, room: Room): Json | undefined {
  const written = start(part, room);
  if (written === undefined) return undefined;
  const names = Object.keys(part).filter((name) => !ALWAYS_KEPT.has(name) && name !== '_meta');
  return finish(written, names.map(escapeName), room);
}

function withoutPrivate(part: Attributes, privates: PrivateReferences, room: Room): Json | undefined {
  const written = start(part, room);
  if (written === undefined) return undefined;
  const redacted: string[] = [];
  for (const name of Object.keys(part)) {
    if (ALWAYS_KEPT.has(name) || name === '_meta') continue;
    const references = privates.get(name) ?? [];
    const whole = references.find(({ path }) => path.length === 1);
    if (whole !== undefined) {
      redacted.push(whole.text);
      continue;
    }
    const value = toJson(part[name], room);
    if (value === undefined || !takeName(room, name)) continue;
    written[name] = value;
    for (const { path, text } of references) if (remove(value, path)) redacted.push(text);
  }
  return finish(written, redacted, room);
}

/** Without a prototype: `__proto__` is a good name for an attribute, and for a kind. */
function emptyObject(): JsonObject {
  return Object.create(null);
}

/** What is written of every context. */
function start(part: Attributes, room: Room): JsonObject | undefined {
  const written = emptyObject();
  for (const name of ALWAYS_KEPT) {
    if (!Object.hasOwn(part, name)) continue;
    const value = toJson(part[name], room);
    if (value === undefined) return undefined;
    written[name] = value;
  }
  return written;
}

function finish(written: JsonObject, redacted: readonly string[], room: Room): JsonObject {
  if (redacted.length === 0) return written;
  const listed = redacted.filter((text) => toJson(text, room) !== undefined);
  written._meta = { redactedAttributes: listed };
  return written;
}

/** Takes one nested property out of a copy. The first name of the path is that of the copied attribute itself. */
function remove(copy: Json, [, ...path]: AttributePath): boolean {
  const last = path.pop() as string;
  let inside: unknown = copy;
  for (const name of path) inside = isObject(inside) && Object.hasOwn(inside, name) ? inside[name] : undefined;
  if (!isObject(inside) || !Object.hasOwn(inside, last)) return false;
  delete inside[last];
  return true;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function indexed(references: readonly string[]): PrivateReferences {
  const byName = new Map<string, PrivateReference[]>();
  for (const text of references) {
    const path = parseReference(text);
    if (path === undefined) continue;
    const [name] = path;
    byName.set(name, [...(byName.get(name) ?? []), { text, path }]);
  }
  for (const group of byName.values()) group.sort((one, other) => one.path.length - other.path.length);
  return byName;
}
