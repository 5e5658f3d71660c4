// The form of a backup: gzipped lines of JSON. The first says what it is, then come the tables, each a line with its
// name and columns and a line for each row, and the last has the count of rows and the checksum of all lines before.
import { createHash } from 'node:crypto';
import type { Rows } from './storage/dump.js';

const FORMAT = 1;

/** What the first line tells. */
export interface BackupHeader {
  /** Version of the program that wrote it. */
  readonly service: string;
  /** When, as an ISO 8601 time. */
  readonly at: string;
  /** The migrations that had made its tables, in order. */
  readonly migrations: readonly string[];
}

/** The file is not a whole backup. The message says what is wrong with it. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}

/** The lines of a backup. */
export async function* writeLines(header: BackupHeader, tables: AsyncIterable<Rows>): AsyncGenerator<string> {
  const hash = createHash('sha256');
  const line = (value: unknown) => {
    const text = `${JSON.stringify(value)}\n`;
    hash.update(text);
    return text;
  };
  yield line({ feathery: 'backup', format: FORMAT, ...header });
  let rows = 0;
  let present: string | undefined;
  for await (const { table, columns, values } of tables) {
    if (table !== present) yield line({ table, columns });
    present = table;
    rows += values.length;
    yield values.map(line).join('');
  }
  yield `${JSON.stringify({ rows, sha256: hash.digest('hex') })}\n`;
}

/** What a backup says, in its order. */
export type BackupPart =
  | { readonly kind: 'header'; readonly header: BackupHeader }
  | { readonly kind: 'table'; readonly table: string; readonly columns: readonly string[] }
  | { readonly kind: 'row'; readonly values: readonly unknown[] };

/**
 * Reads the lines of a backup. Whether it is whole is known at the end only: what was done with its parts must be undone
 * when this throws.
 *
 * @throws BackupError
 */
export async function* readLines(lines: AsyncIterable<string>): AsyncGenerator<BackupPart> {
  const hash = createHash('sha256');
  let rows = 0;
  let count = 0;
  let end: { readonly rows?: unknown; readonly sha256?: unknown } | undefined;
  for await (const line of lines) {
    if (end !== undefined) throw new BackupError('something follows its end');
    const value = parse(line, ++count);
    if (count === 1) yield { kind: 'header', header: headerOf(value) };
    else if (Array.isArray(value)) {
      rows += 1;
      yield { kind: 'row', values: value };
    } else if ('sha256' in value) {
      end = value;
      continue;
    } else yield { kind: 'table', ...(value as { table: string; columns: string[] }) };
    hash.update(line).update('\n');
  }
  if (end === undefined) throw new BackupError('its end is missing');
  if (end.rows !== rows || end.sha256 !== hash.digest('hex')) throw new BackupError('its checksum is wrong');
}

function parse(line: string, number: number): object {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Said below.
  }
  throw new BackupError(`its line ${number} is not what a backup has`);
}

function headerOf(value: object): BackupHeader {
  const { feathery, format, migrations, service, at } = value as Partial<BackupHeader> & {
    feathery?: unknown;
    format?: unknown;
  };
  if (feathery !== 'backup') throw new BackupError('it is not a backup of Feathery');
  if (format !== FORMAT || migrations === undefined || service === undefined || at === undefined) {
    throw new BackupError(`its form ${format} is not known to this version`);
  }
  return { migrations, service, at };
}
