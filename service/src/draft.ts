import { type Dependent, EnvironmentDraft, type ItemFault } from './environment-draft.js';
import type { Feed } from './feed.js';
import type { ListLimits } from './list-limits.js';
import { invalidBody, Problem } from './problems.js';
import type { Database } from './storage/database.js';
import { countDefinitions, type Definition, lastDefinitionVersion, readDefinition } from './storage/definitions.js';

/** A definition on its way into the database. */
export interface DefinitionChange {
  /** Undefined when it is new. */
  readonly before: Definition | undefined;
  readonly after: Definition;
  readonly deleted: boolean;
}

/** What a plan works on: the present state, and what it changes of it. */
export class Draft {
  readonly #database: Database;
  readonly #feed: Feed;
  readonly #limits: ListLimits;
  readonly #environments = new Map<string, EnvironmentDraft>();
  readonly #definitions = new Map<string, DefinitionChange>();

  constructor(database: Database, feed: Feed, limits: ListLimits) {
    this.#database = database;
    this.#feed = feed;
    this.#limits = limits;
  }

  /** @throws Problem 404 */
  environment(key: string): EnvironmentDraft {
    const environment = this.#feed.environment(key);
    const draft = this.#environments.get(key) ?? new EnvironmentDraft(environment);
    this.#environments.set(key, draft);
    return draft;
  }

  hasEnvironment(key: string): boolean {
    return this.#feed.environments.has(key);
  }

  environments(): EnvironmentDraft[] {
    return [...this.#feed.environments.keys()].map((key) => this.environment(key));
  }

  async findDefinition(key: string): Promise<Definition | undefined> {
    const change = this.#definitions.get(key);
    if (change !== undefined) return change.deleted ? undefined : change.after;
    return readDefinition(this.#database, key);
  }

  /** @throws Problem 404 */
  async definition(key: string): Promise<Definition> {
    const definition = await this.findDefinition(key);
    if (definition === undefined) throw new Problem('setting_not_found', `There is no setting "${key}".`);
    return definition;
  }

  async countDefinitions(): Promise<number> {
    let count = await countDefinitions(this.#database);
    for (const { before, deleted } of this.#definitions.values()) {
      count += Number(!deleted) - Number(before !== undefined);
    }
    return count;
  }

  /** Of the definition that last had this key, also when it is deleted; 0 when there never was one. */
  async lastDefinitionVersion(key: string): Promise<number> {
    return this.#definitions.get(key)?.after.version ?? lastDefinitionVersion(this.#database, key);
  }

  setDefinition(before: Definition | undefined, after: Definition): void {
    this.#definitions.set(after.key, { before, after, deleted: false });
  }

  removeDefinition(before: Definition): void {
    const after = { ...before, version: before.version + 1 };
    this.#definitions.set(before.key, { before, after, deleted: true });
  }

  get definitions(): readonly DefinitionChange[] {
    return [...this.#definitions.values()];
  }

  /** The environments whose data would differ. */
  get changed(): readonly EnvironmentDraft[] {
    const changed = [...this.#environments.values()].filter((draft) => !draft.isEmpty);
    return changed.sort((a, b) => (a.environment.key < b.environment.key ? -1 : 1));
  }

  get isEmpty(): boolean {
    return this.#definitions.size === 0 && this.changed.length === 0;
  }

  /** @throws Problem 409 for what something else needs, 422 for faults. */
  check(locate: (fault: ItemFault) => string = ({ pointer }) => pointer): void {
    for (const draft of this.#environments.values()) {
      const environment = draft.environment.key;
      const dependents = draft.dependents();
      if (dependents.length > 0) throw inUse(environment, dependents);
      const faults = draft.faults(this.#limits);
      if (faults.length === 0) continue;
      throw invalidBody(
        faults.map((fault) => ({ pointer: locate(fault), detail: fault.detail })),
        { environment },
      );
    }
  }
}

function inUse(environment: string, dependents: readonly Dependent[]): Problem {
  const [{ kind, key, needs }] = dependents as readonly [Dependent, ...Dependent[]];
  return new Problem('in_use', `The ${kind} "${key}" in ${environment} needs the ${needs.kind} "${needs.key}".`, {
    members: { neededBy: dependents.map((dependent) => ({ environment, kind: dependent.kind, key: dependent.key })) },
  });
}
