/**
 * A parsed attribute reference: the names to step through, the first being an attribute of the context.
 * Undefined where a reference is invalid.
 */
export type AttributePath = readonly [string, ...string[]];

/** Reads a reference: `plan`, `/address/street`, with `~1` for `/` and `~0` for `~` in paths. Undefined when invalid. */
export function parseReference(_reference: string): AttributePath | undefined {
  throw new Error('not yet');
}

/** The reference that means the attribute of exactly this name: `/a/b` becomes `/~1a~1b`. */
export function escapeName(_name: string): string {
  throw new Error('not yet');
}
