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

/** Why this is no valid context, without any value of it; undefined when it is one. */
export function contextProblem(_context: unknown): string | undefined {
  throw new Error('not yet');
}

/** Identifies the context among all kinds. Valid contexts only. */
export function canonicalKey(_context: Context): string {
  throw new Error('not yet');
}

/** All kinds in the context, never `multi`. Valid contexts only. */
export function contextKinds(_context: Context): string[] {
  throw new Error('not yet');
}

/** The context as events carry it before redaction. A copy at the top level of each part. Valid contexts only. */
export function normalize(_context: Context): NormalContext {
  throw new Error('not yet');
}
