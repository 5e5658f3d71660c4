import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Footprint {
  readonly packages: number;
  readonly bytes: number;
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
  return { packages: folders.size, bytes: [...folders].reduce((sum, one) => sum + publishedBytes(one), 0) };
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
function publishedBytes(folder: string): number {
  const { files } = manifestOf(folder);
  const isInstalled = folder.includes('node_modules');
  if (isInstalled || files === undefined) return bytesUnder(folder);
  return ['package.json', 'README.md', 'LICENSE', ...files].reduce(
    (sum, file) => sum + bytesUnder(join(folder, file)),
    0,
  );
}

function bytesUnder(path: string): number {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.size;
  const names = readdirSync(path).filter((name) => name !== 'node_modules');
  return names.reduce((sum, name) => sum + bytesUnder(join(path, name)), 0);
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}
