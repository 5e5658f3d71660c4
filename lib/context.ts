import { escapeName } from './reference.js';

/** Any JSON value. Typed so that an application's own interfaces can be passed: they lack an index signature. */
// biome-ignore lint/suspicious/noExplicitAny: only `any` makes types without index signature assignable
export type AttributeValue = any;

/** A user as most applications have it: a key and whatever is known besides. What has no `kind` is a user. */
export interface User {
  readonly kind?: undefined;
  readonly key: string;
  readonly name?: string | null;
  readonly firstName?: string | null;
  readonly lastName?: string | null;
  readonly email?: string | null;
  readonly country?: string | null;
  readonly avatar?: string | null;
  readonly ip?: string | null;
  readonly anonymous?: boolean | null;
  /** Further attributes. One of the same name at the top level wins. */
  readonly custom?: { readonly [name: string]: AttributeValue } | null;
  /** Literal names of attributes that never leave the process. */
  readonly privateAttributeNames?: readonly string[] | null;
  readonly [attribute: string]: AttributeValue;
}

/** What every kind of context has. */
export interface ContextPart {
  readonly key: string;
  readonly name?: string | null;
  readonly anonymous?: boolean;
  /** Attribute references (`plan`, `/address/street`) that never leave the process. */
  readonly _meta?: { readonly privateAttributes?: readonly string[] | null } | null;
  readonly [attribute: string]: AttributeValue;
}

/** One entity of any kind, for example an organization. */
export interface SingleKindContext extends ContextPart {
  readonly kind: string;
}

/** Several at once, one of each kind: a user of an organization. */
export interface MultiKindContext {
  readonly kind: 'multi';
  readonly [kind: string]: 'multi' | ContextPart;
}

/** Who is asked about. */
export type Context = User | SingleKindContext | MultiKindContext;

/** A context in normal form: with its kind, legacy shape converted, nothing that is null. */
export type NormalContext = SingleKindContext | MultiKindContext;

/** Attributes of a plain user that are strings by definition. */
export const STANDARD_ATTRIBUTES: ReadonlySet<string> = new Set([
  'name',
  'firstName',
  'lastName',
  'email',
  'country',
  'avatar',
  'ip',
]);

const KIND = /^[A-Za-z0-9._-]+$/;

/** Names in `custom` that cannot become attributes, because every context has them in its own right. */
const RESERVED_IN_CUSTOM: ReadonlySet<string> = new Set(['kind', 'key', 'name', 'anonymous', '_meta']);

/** Properties of a plain user that conversion handles one by one. */
const CONVERTED_APART: ReadonlySet<string> = new Set([
  'kind',
  'key',
  'anonymous',
  'custom',
  'privateAttributeNames',
  '_meta',
]);

/** Properties of a context that normalization handles one by one. */
const NORMALIZED_APART: ReadonlySet<string> = new Set(['kind', 'key', 'anonymous', '_meta']);

/** Why this is no valid context, without any value of it; undefined when it is one. Never throws. */
export function contextProblem(context: unknown): string | undefined {
  if (typeof context !== 'object' || context === null) return 'a context must be an object';
  try {
    const { kind } = context as Context;
    if (kind === undefined) return userProblem(context as User);
    if (kind === 'multi') return multiKindProblem(context as MultiKindContext);
    return kindProblem(kind) ?? partProblem(context as ContextPart);
  } catch {
    return 'a property of the context cannot be read';
  }
}

/** The part of one kind; undefined when the context lacks the kind. Of a plain user, the user itself. */
export function partOf(context: Context, kind: string): User | ContextPart | undefined {
  const ownKind = context.kind;
  if (ownKind === undefined) return kind === 'user' ? (context as User) : undefined;
  if (ownKind !== 'multi') return ownKind === kind ? (context as SingleKindContext) : undefined;
  const part: unknown = Object.hasOwn(context, kind) ? (context as MultiKindContext)[kind] : undefined;
  return typeof part === 'object' && part !== null ? (part as ContextPart) : undefined;
}

/** The key of one kind; undefined when the context lacks the kind. */
export function keyOf(context: Context, kind: string): string | undefined {
  // Nearly always; saves a call on the path of every evaluation (bench/evaluate.ts, S2, S4, S5).
  if ((context.kind ?? 'user') === kind && typeof context.key === 'string') return context.key;
  const part = partOf(context, kind);
  if (part === undefined) return undefined;
  return typeof part.key === 'string' ? part.key : String(part.key);
}

/** A standard attribute as a string. A plain user may hold a number there; what is no scalar counts as missing. */
export function standardValue(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return isScalar(value) ? String(value) : undefined;
}

/** All kinds in the context, never `multi`. Valid contexts only. */
export function contextKinds(context: Context): string[] {
  if (context.kind === undefined) return ['user'];
  return context.kind === 'multi' ? innerKinds(context) : [context.kind];
}

/** Identifies the context among all kinds. Valid contexts only. */
export function canonicalKey(context: Context): string {
  const kinds = contextKinds(context);
  if (kinds.length === 1 && kinds[0] === 'user') return keyOf(context, 'user') as string;
  // Code-unit order, not that of a locale: the key must be the same on every machine.
  return kinds
    .sort()
    .map((kind) => `${kind}:${encodeKey(keyOf(context, kind) as string)}`)
    .join(':');
}

/** The context as events carry it before redaction: a copy, one level deep in each part. Valid contexts only. */
export function normalize(context: Context): NormalContext {
  if (context.kind === undefined) return convertUser(context as User);
  const kinds = contextKinds(context);
  if (kinds.length === 1) {
    const kind = kinds[0] as string;
    return { kind, ...normalizePart(partOf(context, kind) as ContextPart) };
  }
  const parts = kinds.map((kind) => [kind, normalizePart(partOf(context, kind) as ContextPart)]);
  return Object.fromEntries([['kind', 'multi'], ...parts]) as MultiKindContext;
}

function userProblem({ key, custom, privateAttributeNames }: User): string | undefined {
  if (typeof key !== 'string' && !isScalar(key)) return 'a user must have a key, a string';
  if (custom != null && !isObject(custom)) return 'custom must be an object';
  if (privateAttributeNames != null && !isArrayOfStrings(privateAttributeNames)) {
    return 'privateAttributeNames must be an array of strings';
  }
  return undefined;
}

function multiKindProblem(context: MultiKindContext): string | undefined {
  let kinds = 0;
  // Not over `innerKinds`: asked with every evaluation, and its list would be another allocation.
  for (const kind of Object.keys(context)) {
    if (kind === 'kind') continue;
    kinds++;
    const part: unknown = context[kind];
    const problem =
      kindProblem(kind) ?? (isObject(part) ? partProblem(part as ContextPart) : 'each kind must be an object');
    if (problem !== undefined) return problem;
  }
  return kinds === 0 ? 'a multi-kind context must have at least one kind' : undefined;
}

function kindProblem(kind: unknown): string | undefined {
  // Nearly always; the pattern would take as long as the rest of an evaluation.
  if (kind === 'user') return undefined;
  if (typeof kind !== 'string' || !KIND.test(kind)) return 'a kind must be made of letters, digits, ".", "_" and "-"';
  return kind === 'kind' || kind === 'multi' ? `"${kind}" cannot be the name of a kind` : undefined;
}

function partProblem({ key, name, anonymous, _meta }: ContextPart): string | undefined {
  if (typeof key !== 'string' || key === '') return 'the key must be a string that is not empty';
  if (name != null && typeof name !== 'string') return 'the name must be a string';
  if (anonymous !== undefined && typeof anonymous !== 'boolean') return 'anonymous must be true or false';
  if (_meta == null) return undefined;
  if (!isObject(_meta)) return '_meta must be an object';
  const references = _meta.privateAttributes;
  return references == null || isArrayOfStrings(references)
    ? undefined
    : '_meta.privateAttributes must be an array of strings';
}

function innerKinds(context: object): string[] {
  return Object.keys(context).filter((name) => name !== 'kind');
}

function encodeKey(key: string): string {
  return key.replaceAll('%', '%25').replaceAll(':', '%3A');
}

function convertUser(user: User): SingleKindContext {
  const attributes = new Map<string, unknown>();
  for (const [name, value] of Object.entries(user.custom ?? {})) {
    if (!RESERVED_IN_CUSTOM.has(name) && value != null) attributes.set(name, value);
  }
  for (const [name, given] of Object.entries(user)) {
    if (CONVERTED_APART.has(name)) continue;
    const value = STANDARD_ATTRIBUTES.has(name) ? standardValue(given) : given;
    if (value != null) attributes.set(name, value);
  }
  const privateAttributes = [...(user.privateAttributeNames ?? []).map(escapeName), ...privateReferences(user._meta)];
  return {
    kind: 'user',
    key: String(user.key),
    ...Object.fromEntries(attributes),
    ...(user.anonymous && { anonymous: true }),
    ...(privateAttributes.length > 0 && { _meta: { privateAttributes } }),
  };
}

function normalizePart(part: ContextPart): ContextPart {
  const attributes = Object.entries(part).filter(([name, value]) => !NORMALIZED_APART.has(name) && value != null);
  const privateAttributes = privateReferences(part._meta);
  return {
    key: part.key,
    ...Object.fromEntries(attributes),
    ...(part.anonymous === true && { anonymous: true }),
    ...(privateAttributes.length > 0 && { _meta: { privateAttributes } }),
  };
}

function privateReferences(meta: ContextPart['_meta']): readonly string[] {
  const references: unknown = meta?.privateAttributes;
  return isArrayOfStrings(references) ? references : [];
}

/** What is taken for a string where one is due: identifiers are numbers in many applications. */
function isScalar(value: unknown): boolean {
  return (
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint'
  );
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isArrayOfStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
