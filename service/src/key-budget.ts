/**
 * Lets a bounded number of different keys per environment through: a program that makes keys up as it goes must not
 * fill the database. What was let through once always is.
 */
export class KeyBudget {
  readonly #maxKeys: number;
  readonly #admitted = new Map<string, Set<string>>();

  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys;
  }

  admits(environment: string, key: string): boolean {
    const admitted = this.#admitted.get(environment) ?? new Set();
    if (admitted.has(key)) return true;
    if (admitted.size >= this.#maxKeys) return false;
    this.#admitted.set(environment, admitted.add(key));
    return true;
  }
}
