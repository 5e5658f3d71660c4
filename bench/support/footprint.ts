import { existsSync, readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What `stat` counts in. */
const BLOCK_BYTES = 512;

export interface Footprint {
  readonly packages: number;
  readonly bytes: number;
  /** In the blocks of this file system. */
  readonly diskBytes: number;
}

interface Manifest {
  readonly name: string;
  readonly files?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Everything that installing a package brings, itself included, as it is in node_modules. */
export function footprint(folder: string): Footprint {
  const folders = new Set<string>();
  collect(folder, folders);
  const files = [...folders].flatMap(publishedFiles).map((file) => statSync(file));
  const sum = (read: (stat: Stats) => number) => files.reduce((total, stat) => total + read(stat), 0);
  return {
    packages: folders.size,
    bytes: sum(({ size }) => size),
    diskBytes: sum(({ blocks }) => blocks * BLOCK_BYTES),
  };
}

function collect(folder: string, folders: Set<string>): void {
  if (folders.has(folder)) return;
  folders.add(folder);
  const { dependencies = {}, optionalDependencies = {} } = manifestOf(folder);
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const found = resolve(folder, name);
    if (found !== undefined) collect(found, folders);
  }
}

/** As Node looks a package up. Undefined for an optional one that does not fit this machine. */
function resolve(from: string, name: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
    if (folder === dirname(folder)) return undefined;
  }
}

/** Of an installed package all there is; of this repository's own only what it would publish. */
function publishedFiles(folder: string): string[] {
  const { files } = manifestOf(folder);
  if (folder.includes('node_modules') || files === undefined) return filesUnder(folder);
  return ['package.json', 'README.md', 'LICENSE', ...files].flatMap((file) => filesUnder(join(folder, file)));
}

function filesUnder(path: string): string[] {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  const names = readdirSync(path).filter((name) => name !== 'node_modules');
  return names.flatMap((name) => filesUnder(join(path, name)));
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}
