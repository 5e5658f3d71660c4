// Brings memory up to date with the change log, in the order of its revisions. The one way by which a committed change
// reaches this process: read from the log, or handed over by the commit that wrote to it.
import { EventEmitter } from 'node:events';
import type { Logger } from 'pino';
import { EnvironmentData } from './environment-data.js';
import { Problem } from './problems.js';
import { type ChangeSet, readChanges } from './storage/change-log.js';
import type { Database } from './storage/database.js';
import { createEpoch, type EnvironmentHead, listHeads, replaceEpoch } from './storage/environments.js';
import { readItems } from './storage/items.js';

const CHANGES_PER_READ = 100;
/** After a read that failed: what is committed must reach the streams also when nobody commits again. */
const RETRY_MS = 1000;
/** Looks at the log without having been told to, as a notification may have been missed. */
const LOOK_MS = 5000;

/** What a commit has written to the log of an environment. */
export interface LogEntry {
  readonly environment: string;
  readonly changeSet: ChangeSet;
}

interface FeedEvents {
  /** A commit has been applied to the environment. */
  change: [environment: EnvironmentData, changeSet: ChangeSet];
  /** The environment was loaded anew, as its log cannot bridge from what was known: everybody needs everything. */
  replaced: [environment: EnvironmentData];
  added: [environment: EnvironmentData];
  removed: [key: string];
}

export class Feed extends EventEmitter<FeedEvents> {
  readonly #database: Database;
  readonly #log: Logger;
  readonly #environments = new Map<string, EnvironmentData>();
  #running: Promise<void> = Promise.resolve();
  #reading = false;
  #next: Promise<void> | undefined;
  #loaded = false;
  #told = 0;
  #retry: NodeJS.Timeout | undefined;
  #look: NodeJS.Timeout | undefined;
  #closed = false;

  constructor({ database, log }: { database: Database; log: Logger }) {
    super();
    this.#database = database;
    this.#log = log;
  }

  /** True once everything has been read a first time. */
  get loaded(): boolean {
    return this.#loaded;
  }

  /** How much has been told so far: another number means that something new has been read. */
  get told(): number {
    return this.#told;
  }

  /** The environments by key, in the order of their creation. */
  get environments(): ReadonlyMap<string, EnvironmentData> {
    return this.#environments;
  }

  /** @throws Problem 404 */
  environment(key: string): EnvironmentData {
    const environment = this.#environments.get(key);
    if (environment === undefined) throw new Problem('environment_not_found', `There is no environment "${key}".`);
    return environment;
  }

  /**
   * Says that something may have been committed. Resolves when everything committed before this call has been applied.
   * Calls made during a read share the next one.
   */
  wake(): Promise<void> {
    this.#next ??= this.#running
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        this.#reading = true;
        this.#running = this.#read().finally(() => {
          this.#reading = false;
        });
        this.#running.catch(() => this.#retryLater());
        return this.#running;
      });
    return this.#next;
  }

  /**
   * Takes in what this process has just committed without reading it back, which is right only where no other process
   * writes to the log. Resolves when it has been applied.
   */
  async take(entries: readonly LogEntry[]): Promise<void> {
    // A read under way may have seen some of it.
    if (this.#reading || !entries.every((entry) => this.#isNext(entry))) return this.wake();
    for (const { environment, changeSet } of entries) this.#apply(this.environment(environment), changeSet);
  }

  /** Also reads the log every few seconds from now on. For a log to which other nodes write. */
  follow(): void {
    // What goes wrong is tried again and logged by the retry.
    this.#look = setInterval(() => void this.wake().catch(() => {}), LOOK_MS).unref();
  }

  /** Ends the attempts to read again. Resolves when no read is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    clearInterval(this.#look);
    await (this.#next ?? this.#running).catch(() => {});
  }

  #retryLater(): void {
    clearTimeout(this.#retry);
    if (this.#closed) return;
    this.#retry = setTimeout(() => {
      this.wake().catch((error: unknown) => this.#log.warn({ err: error }, 'the change log cannot be read yet'));
    }, RETRY_MS);
    this.#retry.unref();
  }

  async #read(): Promise<void> {
    const rows = await listHeads(this.#database);
    for (const row of rows) await this.#readEnvironment(row);
    const keys = new Set(rows.map(({ key }) => key));
    for (const key of [...this.#environments.keys()]) {
      if (keys.has(key)) continue;
      this.#environments.delete(key);
      this.#tell('removed', key);
    }
    this.#loaded = true;
  }

  async #readEnvironment(row: EnvironmentHead): Promise<void> {
    const known = this.#environments.get(row.key);
    if (known === undefined || known.epoch !== row.epoch) {
      await this.#load(row.key, known === undefined ? 'added' : 'replaced');
      return;
    }
    known.name = row.name;
    if (known.revision > row.revision || (known.revision === row.revision && known.committedAt !== row.committed_at)) {
      await this.#startOver(row);
      return;
    }
    while (known.revision < row.revision) {
      const changeSets = await readChanges(this.#database, row.key, known.revision - 1, CHANGES_PER_READ);
      // The last one known comes along, unless it is no longer kept: is it the same one there?
      const last = changeSets[0]?.revision === known.revision ? changeSets.shift() : undefined;
      if (last !== undefined && last.at !== known.committedAt) {
        await this.#startOver(row);
        return;
      }
      if (changeSets[0]?.revision !== known.revision + 1) {
        await this.#load(row.key, 'replaced');
        return;
      }
      for (const changeSet of changeSets) this.#apply(known, changeSet);
    }
  }

  #isNext({ environment, changeSet }: LogEntry): boolean {
    return this.#environments.get(environment)?.revision === changeSet.revision - 1;
  }

  #apply(environment: EnvironmentData, changeSet: ChangeSet): void {
    environment.apply(changeSet);
    this.#tell('change', environment, changeSet);
  }

  /**
   * The database has gone back behind what was served, as one does that a standby has taken over from before it had
   * everything. Revisions from before say nothing any more, on no node and in no SDK.
   */
  async #startOver({ key, epoch, revision }: EnvironmentHead): Promise<void> {
    this.#log.error({ environment: key, revision }, 'the database has lost changes; all servers get its data anew');
    await replaceEpoch(this.#database, key, epoch, createEpoch());
    await this.#load(key, 'replaced');
  }

  async #load(key: string, event: 'added' | 'replaced'): Promise<void> {
    // One snapshot: the revision and the items that belong to it.
    const environment = await this.#database
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute(async (transaction) => {
        const row = (await listHeads(transaction)).find((candidate) => candidate.key === key);
        return row === undefined ? undefined : new EnvironmentData(row, await readItems(transaction, key));
      });
    if (environment === undefined) return;
    this.#environments.set(key, environment);
    this.#tell(event, environment);
  }

  /** A listener that fails must not keep the others, or the log, from going on. */
  #tell<Name extends keyof FeedEvents>(name: Name, ...args: FeedEvents[Name]): void {
    this.#told++;
    try {
      this.emit(name, ...(args as never));
    } catch (error) {
      this.#log.error({ err: error, event: name }, 'a listener of the feed failed');
    }
  }
}
