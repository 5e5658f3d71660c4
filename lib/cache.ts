// The last known settings in a file. Lines of JSON: a header, one line for each item, and a last line with the
// checksum, so that a large file is written in small steps and a cut one is noticed.
import { createHash, type Hash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FeatheryError, messageOf } from './errors.js';
import type { DataSet, Segment, Setting } from './protocol.js';

const FORMAT = 'feathery-cache';
const FORMAT_VERSION = 1;
/** Changes that come in quick succession are written once. */
const WRITE_DELAY_MS = 1000;
/** Items written in one turn of the event loop: about a millisecond of work. */
const ITEMS_PER_TURN = 200;
/** A temporary file this old was left by a process that died while writing. */
const ABANDONED_AFTER_MS = 3_600_000;

/** What the file holds. */
export interface CachedData {
  readonly data: DataSet;
  readonly revision: number | undefined;
  /** Milliseconds since the epoch. */
  readonly savedAt: number;
}

export interface CacheParts {
  readonly path: string;
  /** Whose settings these are: another SDK key or filter must not be served from this file. */
  readonly identity: readonly string[];
  readonly keepAlive: boolean;
  readonly now: () => number;
  /** What is to be written, as it is at the moment of writing. */
  readonly read: () => Pick<CachedData, 'data' | 'revision'>;
  /** The file could not be used or written. Nothing else follows from it. */
  readonly onProblem: (error: FeatheryError) => void;
}

/** Reads the file once and writes it after changes. Several processes may share it: the last complete one is kept. */
export class Cache {
  readonly #parts: CacheParts;
  #identity: string;
  /** False: the file, if there is one, was not written by this process with the present key. */
  #written = false;
  #timer: NodeJS.Timeout | undefined;
  #folder: Promise<void> | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(parts: CacheParts) {
    this.#parts = parts;
    this.#identity = digest(parts.identity);
  }

  /** @returns Undefined when there is no file that can be used; why is reported, except when there is none at all. */
  load(): CachedData | undefined {
    let text: string;
    try {
      text = readFileSync(this.#parts.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#report('cannot be read', error);
      return undefined;
    }
    try {
      return parseFile(text, this.#identity);
    } catch (error) {
      this.#report('is ignored', error);
      return undefined;
    }
  }

  /**
   * The service has confirmed the data just now.
   *
   * @param changed - False: it is what it was; then only a file that is not yet ours is written.
   */
  save(changed: boolean): void {
    if (this.#timer !== undefined || (this.#written && !changed)) return;
    this.#written = true;
    this.#timer = setTimeout(() => this.#write(), WRITE_DELAY_MS);
    if (!this.#parts.keepAlive) this.#timer.unref();
  }

  /** From now on data belongs to another key. What is still to be written belongs to the one before. */
  rotate(identity: readonly string[]): void {
    if (this.#timer !== undefined) this.#write();
    this.#identity = digest(identity);
    this.#written = false;
  }

  /** Writes what is still to be written. Never rejects. */
  async close(): Promise<void> {
    if (this.#timer !== undefined) this.#write();
    await this.#writing;
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const content = { ...this.#parts.read(), savedAt: this.#parts.now() };
    const identity = this.#identity;
    const { path } = this.#parts;
    // One after the other: an older state must not be renamed over a newer one.
    this.#writing = this.#writing
      .then(() => (this.#folder ??= prepareFolder(path, content.savedAt)))
      .then(() => replaceFile(path, lines(content, identity)))
      .catch((error) => this.#report('cannot be written', error));
  }

  #report(problem: string, cause: unknown): void {
    const message = `The cache file ${this.#parts.path} ${problem}: ${messageOf(cause)}`;
    this.#parts.onProblem(new FeatheryError('CACHE', message, { cause }));
  }
}

async function replaceFile(path: string, all: Iterable<string>): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await writeLines(file, all);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function digest(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

function* lines({ data, revision, savedAt }: CachedData, identity: string): Generator<string> {
  yield JSON.stringify({ format: FORMAT, version: FORMAT_VERSION, identity, savedAt, revision });
  for (const [key, setting] of Object.entries(data.settings)) yield JSON.stringify({ key, setting });
  for (const [key, segment] of Object.entries(data.segments)) yield JSON.stringify({ key, segment });
}

async function writeLines(file: FileHandle, all: Iterable<string>): Promise<void> {
  const hash = createHash('sha256');
  let waiting = '';
  let count = 0;
  for (const line of all) {
    waiting += `${line}\n`;
    if (++count % ITEMS_PER_TURN === 0) {
      await append(file, hash, waiting);
      waiting = '';
      await nextTurn();
    }
  }
  await append(file, hash, waiting);
  await file.write(`${JSON.stringify({ sha256: hash.digest('hex') })}\n`);
}

async function append(file: FileHandle, hash: Hash, text: string): Promise<void> {
  hash.update(text);
  await file.write(text);
}

/** Throws when the file is not complete, not ours, or of another format. */
function parseFile(text: string, identity: string): CachedData {
  const [first, ...rest] = text.trimEnd().split('\n');
  const header = JSON.parse(first ?? '') as Record<string, unknown>;
  if (header.format !== FORMAT) throw new Error('it is not a cache file of Feathery');
  if (header.version !== FORMAT_VERSION) throw new Error(`its format ${header.version} is not known here`);
  if (header.identity !== identity) throw new Error('it was written with another SDK key or filter');
  const { sha256 } = JSON.parse(rest.pop() ?? '') as { sha256?: unknown };
  const content = `${[first, ...rest].join('\n')}\n`;
  if (createHash('sha256').update(content).digest('hex') !== sha256) throw new Error('its checksum is wrong');
  return {
    data: parseItems(rest),
    revision: header.revision as number | undefined,
    savedAt: header.savedAt as number,
  };
}

function parseItems(items: readonly string[]): DataSet {
  // Without a prototype `__proto__` is a key like any other.
  const settings: Record<string, Setting> = Object.create(null);
  const segments: Record<string, Segment> = Object.create(null);
  for (const line of items) {
    const { key, setting, segment } = JSON.parse(line) as { key: string; setting?: Setting; segment?: Segment };
    if (setting !== undefined) settings[key] = setting;
    if (segment !== undefined) segments[key] = segment;
  }
  return { settings, segments };
}

/** Makes the folder, and takes away what processes that were killed have left in it. */
async function prepareFolder(path: string, now: number): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const prefix = `${basename(path)}.`;
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix) || !name.endsWith('.tmp')) continue;
    const file = join(folder, name);
    const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: now }));
    if (now - mtimeMs > ABANDONED_AFTER_MS) await rm(file, { force: true });
  }
}
