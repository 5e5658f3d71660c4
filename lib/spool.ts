// Batches that could not be delivered at close, in files for the next start. Several processes may share the folder:
// a file belongs to whoever renamed it last. A process that dies with a claimed file loses nothing: the claim ages.
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type Batch, MAX_BATCH_AGE_MS } from './batch.js';
import type { Log } from './log.js';
import { within } from './timeout.js';

/** Files in the folder, whoever wrote them. With so many there no further one is written. */
export const MAX_SPOOL_FILES = 100;
/** Larger files are neither written nor read. */
export const MAX_SPOOL_FILE_BYTES = 16_000_000;
/** After this time another process may claim a claimed file; the payload id keeps a batch sent twice from counting twice. */
export const CLAIM_MS = 600_000;

const FORMAT = 1;
/** `<whose>-<created>-<payload id>`, then what the file is to whom. */
const NAME =
  /^(([0-9a-f]{16})-(\d{1,16})-[0-9a-f-]{36})\.(batch|corrupt|(\d{1,16})\.[0-9a-f-]{36}\.claimed|[0-9a-f-]{36}\.tmp)$/;

export interface SpoolParts {
  readonly folder: string;
  /** Together with the key: what the batches belong to. They must not reach another service or environment. */
  readonly eventsUri: string;
  readonly sdkKey: string;
  readonly now: () => number;
  readonly log: Log;
}

/** The first line of a file; the second is the body. */
interface Header {
  readonly format: number;
  readonly id: string;
  readonly size: number;
  readonly createdAt: number;
  readonly sha256: string;
}

interface SpoolFile {
  readonly name: string;
  readonly base: string;
  readonly owner: string;
  readonly createdAt: number;
  readonly state: string;
  /** Only of claimed files. */
  readonly claimedAt: number | undefined;
}

export class Spool {
  readonly #parts: SpoolParts;
  #owner: string;
  /** Paths of the files claimed here, by payload id. */
  readonly #claims = new Map<string, string>();

  constructor(parts: SpoolParts) {
    this.#parts = parts;
    this.#owner = ownerOf(parts.eventsUri, parts.sdkKey);
  }

  /** The batches of an environment stay its own when its key is replaced. */
  rotate(sdkKey: string): void {
    this.#owner = ownerOf(this.#parts.eventsUri, sdkKey);
  }

  /** Claims what earlier processes left, oldest first, and clears away what is too old. Never rejects. */
  async take(): Promise<Batch[]> {
    const batches: Batch[] = [];
    for (const file of await this.#list()) {
      const age = this.#parts.now() - file.createdAt;
      if (age > MAX_BATCH_AGE_MS) await this.#clear(file);
      else if (file.owner === this.#owner && this.#isFree(file)) {
        const batch = await this.#claim(file);
        if (batch !== undefined) batches.push(batch);
      }
    }
    return batches;
  }

  /** Puts batches away for the next start, as many as the time allows. Returns those that are. Never rejects. */
  async putAll(batches: readonly Batch[], timeoutMs: number): Promise<ReadonlySet<Batch>> {
    const put = new Set<Batch>();
    let over = false;
    const work = async () => {
      for (const batch of batches) {
        if (over) return;
        if ((await this.#put(batch)) && !over) put.add(batch);
      }
    };
    await within(timeoutMs, work());
    over = true;
    return put;
  }

  /** The batch is delivered or dropped: its file, if it came from one, is no longer needed. */
  async remove(batch: Batch): Promise<void> {
    const path = this.#claims.get(batch.id);
    if (path === undefined) return;
    this.#claims.delete(batch.id);
    await unlink(path).catch(() => {});
  }

  async #put(batch: Batch): Promise<boolean> {
    const path = this.#path(`${this.#owner}-${batch.createdAt}-${batch.id}.batch`);
    try {
      const claimed = this.#claims.get(batch.id);
      if (claimed === undefined) await this.#write(path, batch);
      else await rename(claimed, path);
      this.#claims.delete(batch.id);
      return true;
    } catch (error) {
      this.#parts.log.warn(`Events could not be put into the spool folder: ${reasonOf(error)}.`);
      return false;
    }
  }

  async #list(): Promise<SpoolFile[]> {
    try {
      const names = await readdir(this.#parts.folder);
      return names.flatMap(parseName).sort((one, other) => one.createdAt - other.createdAt);
    } catch (error) {
      // Without a folder nothing was left.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        this.#parts.log.warn(`The spool folder cannot be read: ${reasonOf(error)}.`);
      }
      return [];
    }
  }

  #isFree({ state, claimedAt }: SpoolFile): boolean {
    return state === 'batch' || (claimedAt !== undefined && this.#parts.now() - claimedAt > CLAIM_MS);
  }

  async #claim({ name, base }: SpoolFile): Promise<Batch | undefined> {
    const claimed = this.#path(`${base}.${this.#parts.now()}.${randomUUID()}.claimed`);
    try {
      await rename(this.#path(name), claimed);
    } catch {
      // Another process was faster.
      return undefined;
    }
    try {
      const batch = await read(claimed);
      this.#claims.set(batch.id, claimed);
      return batch;
    } catch (error) {
      this.#parts.log.warn(`The spool file ${base} cannot be used (${reasonOf(error)}); it is set aside as .corrupt.`);
      await rename(claimed, this.#path(`${base}.corrupt`)).catch(() => {});
      return undefined;
    }
  }

  async #clear({ name, base, state }: SpoolFile): Promise<void> {
    if (state === 'batch') this.#parts.log.warn(`The spool file ${base} is too old; its events are not sent.`);
    await unlink(this.#path(name)).catch(() => {});
  }

  /** All or nothing: whoever reads the folder never sees half a file. */
  async #write(path: string, batch: Batch): Promise<void> {
    const { folder } = this.#parts;
    const content = serialize(batch);
    if (content.length > MAX_SPOOL_FILE_BYTES) throw new Error('the batch is too large');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if ((await this.#list()).length >= MAX_SPOOL_FILES) throw new Error(`there are already ${MAX_SPOOL_FILES} files`);
    const temporary = path.replace(/batch$/, `${randomUUID()}.tmp`);
    try {
      const file = await open(temporary, 'wx', 0o600);
      try {
        await file.writeFile(content);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    } catch (error) {
      await unlink(temporary).catch(() => {});
      throw error;
    }
  }

  #path(name: string): string {
    return join(this.#parts.folder, name);
  }
}

function ownerOf(eventsUri: string, sdkKey: string): string {
  return createHash('sha256').update(`${eventsUri}\n${sdkKey}`).digest('hex').slice(0, 16);
}

function parseName(name: string): SpoolFile[] {
  const [, base, owner, createdAt, state, claimedAt] = NAME.exec(name) ?? [];
  if (base === undefined || owner === undefined || state === undefined) return [];
  return [
    {
      name,
      base,
      owner,
      createdAt: Number(createdAt),
      state,
      claimedAt: claimedAt === undefined ? undefined : Number(claimedAt),
    },
  ];
}

function serialize({ id, size, createdAt, body }: Batch): Buffer {
  const header: Header = { format: FORMAT, id, size, createdAt, sha256: sha256(body) };
  return Buffer.from(`${JSON.stringify(header)}\n${body}`);
}

async function read(path: string): Promise<Batch> {
  if ((await stat(path)).size > MAX_SPOOL_FILE_BYTES) throw new Error('it is too large');
  const content = await readFile(path, 'utf8');
  const split = content.indexOf('\n');
  const header = JSON.parse(content.slice(0, split)) as Partial<Header>;
  const body = content.slice(split + 1);
  if (header?.format !== FORMAT) throw new Error(`its format is not ${FORMAT}`);
  const { id, size, createdAt } = header;
  if (header.sha256 !== sha256(body) || typeof id !== 'string' || !isCount(size) || !isCount(createdAt)) {
    throw new Error('it is damaged');
  }
  return { id, size, createdAt, body };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Never the message: it holds paths, and of JSON the beginning of the content. */
function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== undefined) return code;
  return error instanceof SyntaxError ? 'it is no JSON' : (error as Error).message;
}
