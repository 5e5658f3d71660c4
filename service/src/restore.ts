// `feathery restore`: a backup in place of what the database holds, in one transaction.
import { createReadStream, existsSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { SYSTEM } from './actor.js';
import type { Place } from './backup.js';
import { BackupError, type BackupHeader, type BackupPart, readLines } from './backup-file.js';
import { StartError } from './start-error.js';
import { recordAudit } from './storage/audit.js';
import { type Database, openDatabase } from './storage/database.js';
import { completeTables, insertRows, isEmpty, recreateTables, renewEpochs } from './storage/dump.js';
import { notify } from './storage/notify.js';
import { compareSchema } from './storage/reader.js';

/** Rows that are put into the database together. */
const ROWS_AT_ONCE = 100;

export interface RestoreOptions {
  /** Give up what the database holds now. */
  readonly replace: boolean;
  readonly now: () => number;
}

/** What was restored. */
export interface Restored {
  /** When the backup was made. */
  readonly at: string;
  readonly rows: number;
  readonly environments: number;
}

/**
 * Puts a backup in place of what the database holds, all or nothing. Every environment gets another epoch, so that every
 * server gets everything anew; everybody is signed out.
 *
 * @throws StartError whose message says what to do; nothing is changed then.
 */
export async function restore(place: Place, file: string, { replace, now }: RestoreOptions): Promise<Restored> {
  if (!existsSync(file)) throw new StartError(`There is no file ${file}.`);
  const database = await openDatabase(place);
  try {
    if (!replace && !(await isEmpty(database))) {
      throw new StartError('The database is not empty. With --replace the restore gives up what is in it.');
    }
    return await database.transaction().execute((transaction) => load(transaction, file, now()));
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(`${reasonOf(error, file)} Nothing was changed.`, { cause: error });
  } finally {
    await database.destroy();
  }
}

async function load(transaction: Database, file: string, now: number): Promise<Restored> {
  const restoring = new Restoring(transaction);
  for await (const part of readLines(linesOf(inflate(file)))) await restoring.take(part);
  return restoring.finish(now);
}

/** One restore under way: what has been read of the file so far is in the transaction. */
class Restoring {
  readonly #transaction: Database;
  #header: BackupHeader | undefined;
  #table: { readonly table: string; readonly columns: readonly string[] } | undefined;
  #waiting: (readonly unknown[])[] = [];
  #rows = 0;

  constructor(transaction: Database) {
    this.#transaction = transaction;
  }

  async take(part: BackupPart): Promise<void> {
    if (part.kind === 'row') {
      this.#waiting.push(part.values);
      if (this.#waiting.length >= ROWS_AT_ONCE) await this.#write();
      return;
    }
    await this.#write();
    if (part.kind === 'table') {
      this.#table = part;
      return;
    }
    if (compareSchema(part.header.migrations) === 'newer') {
      throw new StartError(
        `The backup was written by Feathery ${part.header.service}. Use that version or a newer one.`,
      );
    }
    this.#header = part.header;
    await recreateTables(this.#transaction, part.header.migrations);
  }

  async finish(now: number): Promise<Restored> {
    await this.#write();
    const { at, migrations: versions } = this.#header as BackupHeader;
    await completeTables(this.#transaction, versions);
    await recordAudit(this.#transaction, {
      at: now,
      actor: SYSTEM,
      action: 'service.restore',
      environment: null,
      revision: null,
      comment: `From the backup of ${at}`,
      reverts: null,
      items: [],
    });
    const environments = await renewEpochs(this.#transaction);
    await notify(this.#transaction, { type: 'change' });
    return { at, rows: this.#rows, environments };
  }

  async #write(): Promise<void> {
    const values = this.#waiting.splice(0);
    if (values.length === 0) return;
    if (this.#table === undefined) throw new BackupError('it has rows of no table');
    await insertRows(this.#transaction, { ...this.#table, values });
    this.#rows += values.length;
  }
}

function reasonOf(error: unknown, file: string): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (error instanceof BackupError) return `${file} cannot be restored: ${message}.`;
  if (code.startsWith('Z_')) return `${file} cannot be restored: it is no backup, or damaged (${message}).`;
  return `The restore failed: ${message}.`;
}

async function* inflate(file: string): AsyncGenerator<Buffer> {
  const source = createReadStream(file);
  const gunzip = createGunzip();
  source.on('error', (error) => gunzip.destroy(error));
  try {
    yield* source.pipe(gunzip);
  } finally {
    source.destroy();
  }
}

async function* linesOf(source: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest: Buffer[] = [];
  for await (const chunk of source) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      yield Buffer.concat([...rest, chunk.subarray(start, end)]).toString();
      rest = [];
      start = end + 1;
    }
    if (start < chunk.length) rest.push(chunk.subarray(start));
  }
  if (rest.length > 0) yield Buffer.concat(rest).toString();
}
