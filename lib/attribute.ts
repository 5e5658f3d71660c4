// Attribute look-up, prepared once for each place that names an attribute.
import { type Context, keyOf, partOf, STANDARD_ATTRIBUTES, standardValue, type User } from './context.js';
import type { AttributePath } from './reference.js';

/** Reads one attribute of one kind. Undefined when the context lacks the kind or the attribute, or it is null. */
export type AttributeReader = (context: Context) => unknown;

/** Properties of a plain user that are not themselves attributes. */
const NOT_AT_TOP_LEVEL: ReadonlySet<string> = new Set(['custom', 'privateAttributeNames']);
/** Names of attributes that are no property of the same name at the top of every context. */
const SPECIAL: ReadonlySet<string> = new Set([...NOT_AT_TOP_LEVEL, 'kind', 'anonymous', '_meta']);

/** Prepares reading an attribute, so that evaluation neither parses references nor looks names up in tables. */
export function createReader(kind: string, [name, ...rest]: AttributePath): AttributeReader {
  const read = topLevelReader(kind, name);
  return rest.length === 0 ? read : (context) => descend(read(context), rest);
}

/** Whether text found under this name, at the top of a context of the kind, is the attribute. */
export function isOrdinary(name: string): boolean {
  return !SPECIAL.has(name);
}

function topLevelReader(kind: string, name: string): AttributeReader {
  switch (name) {
    case 'key':
      return (context) => keyOf(context, kind);
    case 'kind':
      return (context) => (partOf(context, kind) === undefined ? undefined : kind);
    case 'anonymous':
      return (context) => {
        const part = partOf(context, kind);
        return part === undefined ? undefined : Boolean(part.anonymous);
      };
    case '_meta':
      return missing;
    default:
      return namedReader(kind, name);
  }
}

function namedReader(kind: string, name: string): AttributeReader {
  const read = anyReader(kind, name);
  if (NOT_AT_TOP_LEVEL.has(name)) return read;
  const isUser = kind === 'user';
  return (context) => {
    // Nearly always. In one closure, so that V8 knows the shape of the context when it comes to the prototype: elsewhere
    // that question costs more than the rest (bench/evaluate.ts, S3).
    if (context.kind === undefined ? isUser : context.kind === kind) {
      const value: unknown = (context as User)[name];
      if (typeof value === 'string' && Object.getPrototypeOf(context) === Object.prototype) return value;
    }
    return read(context);
  };
}

function anyReader(kind: string, name: string): AttributeReader {
  const readPart = (context: Context) => {
    const part = partOf(context, kind);
    return part === undefined ? undefined : own(part, name);
  };
  return kind === 'user'
    ? userReader(name, readPart)
    : (context) => (context.kind === undefined ? undefined : readPart(context));
}

/**
 * A plain user is read as it is, without making a context of it first: conversion would cost more than evaluation.
 *
 * @param readPart - Reads contexts that say their kind.
 */
function userReader(name: string, readPart: AttributeReader): AttributeReader {
  if (name === 'name') {
    return (context) => (context.kind === undefined ? standardValue(own(context, name)) : readPart(context));
  }
  if (NOT_AT_TOP_LEVEL.has(name)) {
    return (context) => (context.kind === undefined ? custom(context as User, name) : readPart(context));
  }
  if (STANDARD_ATTRIBUTES.has(name)) {
    return (context) =>
      context.kind === undefined
        ? (standardValue(own(context, name)) ?? custom(context as User, name))
        : readPart(context);
  }
  return (context) =>
    context.kind === undefined ? (own(context, name) ?? custom(context as User, name)) : readPart(context);
}

function custom(user: User, name: string): unknown {
  return user.custom == null ? undefined : own(user.custom, name);
}

function missing(): undefined {}

function descend(value: unknown, names: readonly string[]): unknown {
  let current = value;
  for (const name of names) {
    if (typeof current !== 'object' || current === null || Array.isArray(current)) return undefined;
    current = own(current, name);
  }
  return current;
}

/** Own properties only: `constructor` is no attribute of anyone. */
function own(object: object, name: string): unknown {
  const value = (object as { readonly [name: string]: unknown })[name] ?? undefined;
  if (value === undefined || isPlain(object, value)) return value;
  return Object.hasOwn(object, name) ? value : undefined;
}

/**
 * Whether the value, read from the object, must be its own: all that a plain object inherits are functions and its
 * prototype. Saves `Object.hasOwn`, which costs as much as the rest of reading an attribute.
 */
function isPlain(object: object, value: unknown): boolean {
  return (
    Object.getPrototypeOf(object) === Object.prototype && typeof value !== 'function' && value !== Object.prototype
  );
}
