/** What a listener is called with, by the name of the event. */
type Events = Record<string, unknown[]>;

interface Entry {
  readonly listener: (...args: never[]) => unknown;
  readonly once: boolean;
}

/** Calls listeners by name. Unlike Node's, one that throws stops neither the others nor the caller. */
export class Emitter<Known extends Events> {
  readonly #entries = new Map<string, readonly Entry[]>();
  readonly #report: (error: unknown, name: string) => void;

  /** @param report - Told of what a listener threw, or of what its promise was rejected with. */
  constructor(report: (error: unknown, name: string) => void) {
    this.#report = report;
  }

  add<Name extends keyof Known & string>(name: Name, listener: (...args: Known[Name]) => unknown, once = false): void {
    this.#entries.set(name, [...(this.#entries.get(name) ?? []), { listener, once }]);
  }

  remove(name: string, listener: unknown): void {
    const entries = this.#entries.get(name) ?? [];
    const index = entries.findLastIndex((entry) => entry.listener === listener);
    if (index !== -1) this.#keep(name, entries.toSpliced(index, 1));
  }

  /** Adds a listener that nobody else can remove. @returns How to remove it. */
  subscribe<Name extends keyof Known & string>(name: Name, listener: (...args: Known[Name]) => unknown): () => void {
    const own = (...args: Known[Name]) => listener(...args);
    this.add(name, own);
    return () => this.remove(name, own);
  }

  /** True when there is a listener of one of these names. */
  hasAny(matches: (name: string) => boolean): boolean {
    for (const name of this.#entries.keys()) if (matches(name)) return true;
    return false;
  }

  /** @returns False when nobody listens. */
  emit<Name extends keyof Known & string>(name: Name, ...args: Known[Name]): boolean {
    const entries = this.#entries.get(name);
    if (entries === undefined) return false;
    const left = entries.filter((entry) => !entry.once);
    if (left.length < entries.length) this.#keep(name, left);
    for (const { listener } of entries) this.#call(listener as (...args: unknown[]) => unknown, args, name);
    return true;
  }

  #keep(name: string, entries: readonly Entry[]): void {
    if (entries.length > 0) this.#entries.set(name, entries);
    else this.#entries.delete(name);
  }

  #call(listener: (...args: unknown[]) => unknown, args: unknown[], name: string): void {
    try {
      const result = listener(...args);
      if (result instanceof Promise) result.catch((error) => this.#report(error, name));
    } catch (error) {
      this.#report(error, name);
    }
  }
}
