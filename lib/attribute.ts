// Attribute look-up, prepared once for each place that names an attribute.
import { type Context, keyOf, partOf, STANDARD_ATTRIBUTES, standardValue, type User } from './context.js';
import type { AttributePath } from './reference.js';

/** Reads one attribute of one kind. Undefined when the context lacks the kind or the attribute, or it is null. */
export type AttributeReader = (context: Context) => unknown;

/** Properties of a plain user that are not themselves attributes. */
const NOT_AT_TOP_LEVEL: ReadonlySet<string> = new Set(['custom', 'privateAttributeNames']);

/** Prepares reading an attribute, so that evaluation neither parses references nor looks names up in tables. */
export function createReader(kind: string, [name, ...rest]: AttributePath): AttributeReader {
  const read = topLevelReader(kind, name);
  return rest.length === 0 ? read : (context) => descend(read(context), rest);
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
  const readUser = kind === 'user' ? userReader(name) : missing;
  return (context) => {
    if (context.kind === undefined) return readUser(context as User);
    const part = partOf(context, kind);
    return part === undefined ? undefined : own(part, name);
  };
}

/** A plain user is read as it is, without making a context of it first: conversion would cost more than evaluation. */
function userReader(name: string): (user: User) => unknown {
  const custom = (user: User) => (user.custom == null ? undefined : own(user.custom, name));
  if (name === 'name') return (user) => standardValue(own(user, name));
  if (NOT_AT_TOP_LEVEL.has(name)) return custom;
  if (STANDARD_ATTRIBUTES.has(name)) return (user) => standardValue(own(user, name)) ?? custom(user);
  return (user) => own(user, name) ?? custom(user);
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
  return Object.hasOwn(object, name) ? ((object as Record<string, unknown>)[name] ?? undefined) : undefined;
}
