// Values of the application on their way into a payload. JSON.stringify throws on some values and calls foreign
// code; one bad attribute would then cost a whole payload.
import type { Json } from './protocol.js';

/** Deeper objects and arrays are left out. */
export const MAX_JSON_DEPTH = 100;

/** How many characters of JSON an event may still take. Shared by all parts of one event. */
export interface Room {
  characters: number;
}

/**
 * Copies a value into one that JSON carries. Never throws, never loops.
 *
 * As `JSON.stringify` has it: dates and other objects with `toJSON` become its result, NaN and infinities null;
 * undefined, functions and symbols are left out of objects and are null in arrays. Beyond it: a BigInt becomes its
 * decimal digits as a string; an object inside itself, a property or `toJSON` that throws, what is nested too deep and
 * what finds no room are treated like undefined. Arrays are cut where the room ends.
 *
 * @param room - Reduced by what the copy takes.
 * @returns undefined when nothing of the value can be carried.
 */
export function toJson(value: unknown, room: Room): Json | undefined {
  return copy(value, room, []);
}

function copy(value: unknown, room: Room, ancestors: object[]): Json | undefined {
  switch (typeof value) {
    case 'string':
      return take(room, value.length + 2) ? value : undefined;
    case 'number':
      return take(room, 8) ? (Number.isFinite(value) ? value : null) : undefined;
    case 'boolean':
      return take(room, 5) ? value : undefined;
    case 'bigint':
      return copy(value.toString(), room, ancestors);
    case 'object':
      return value === null ? null : copyObject(value, room, ancestors);
    default:
      return undefined;
  }
}

function copyObject(value: object, room: Room, ancestors: object[]): Json | undefined {
  if (ancestors.length >= MAX_JSON_DEPTH || ancestors.includes(value) || !take(room, 2)) return undefined;
  ancestors.push(value);
  try {
    const replacement = ownForm(value);
    if (replacement !== value) return copy(replacement, room, ancestors);
    return Array.isArray(value) ? copyItems(value, room, ancestors) : copyProperties(value, room, ancestors);
  } catch {
    // A proxy, or a toJSON that throws.
    return undefined;
  } finally {
    ancestors.pop();
  }
}

/** What the object itself wants written in its place. */
function ownForm(value: object): unknown {
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === 'function') return toJSON.call(value, '');
  if (value instanceof String || value instanceof Number || value instanceof Boolean) return value.valueOf();
  return value;
}

function copyItems(items: readonly unknown[], room: Room, ancestors: object[]): Json {
  const copied: Json[] = [];
  for (let index = 0; index < items.length && take(room, 1); index++) {
    copied.push(copy(items[index], room, ancestors) ?? null);
  }
  return copied;
}

function copyProperties(value: object, room: Room, ancestors: object[]): Json {
  // Without a prototype `__proto__` is a name like any other.
  const copied: Record<string, Json> = Object.create(null);
  for (const name of Object.keys(value)) {
    if (room.characters <= 0) break;
    const property = copyProperty(value, name, room, ancestors);
    if (property !== undefined && takeName(room, name)) copied[name] = property;
  }
  return copied;
}

function copyProperty(value: object, name: string, room: Room, ancestors: object[]): Json | undefined {
  try {
    return copy((value as Record<string, unknown>)[name], room, ancestors);
  } catch {
    // A getter that throws.
    return undefined;
  }
}

function take(room: Room, characters: number): boolean {
  if (room.characters < characters) return false;
  room.characters -= characters;
  return true;
}

/** Takes room for the name of a property and what comes with it. */
export function takeName(room: Room, name: string): boolean {
  return take(room, name.length + 4);
}
