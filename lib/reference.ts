/** A parsed attribute reference: the names to step through, the first being an attribute of the context itself. */
export type AttributePath = readonly [string, ...string[]];

/** A `~` in a path that is neither `~0` nor `~1`. */
const BAD_ESCAPE = /~(?![01])/;

/** Reads a reference: `plan`, or a path like `/address/street` with `~1` for `/` and `~0` for `~`. Undefined when invalid. */
export function parseReference(reference: string): AttributePath | undefined {
  if (!reference.startsWith('/')) return reference === '' ? undefined : [reference];
  const components = reference.slice(1).split('/');
  if (components.some((component) => component === '' || BAD_ESCAPE.test(component))) return undefined;
  const [first, ...rest] = components.map((component) => component.replaceAll('~1', '/').replaceAll('~0', '~'));
  return [first as string, ...rest];
}

/** The reference to the attribute of exactly this name: `/a/b` becomes `/~1a~1b`. */
export function escapeName(name: string): string {
  return name.startsWith('/') ? `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}` : name;
}
