// What can be built, from which files, and whether the last build still fits them.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Sources and tools of every part; a change in the lock file may mean another compiler. */
const TOOLS = ['package.json', 'package-lock.json', 'tsconfig.json', 'scripts/build.mjs'];
const NOT_SOURCES = new Set(['node_modules', 'dist', '__tests__']);

export const PARTS = {
  sdk: {
    sources: ['lib', 'tsconfig.types.json', ...TOOLS],
    outputs: ['dist/esm/index.js', 'dist/esm/index.d.ts', 'dist/cjs/index.cjs', 'dist/cjs/index.d.cts'],
  },
  service: {
    sources: ['service/src', 'service/package.json', 'service/tsconfig.json', 'service/tsconfig.build.json', ...TOOLS],
    outputs: ['service/dist/main.js'],
  },
  dashboard: {
    sources: ['service/dashboard', ...TOOLS],
    outputs: ['service/dist/dashboard/index.html'],
  },
};

/** The parts whose sources are in this tree and whose last build does not fit them. */
export function outdatedParts() {
  return Object.keys(PARTS).filter((name) => hasSources(name) && !isCurrent(name));
}

/** Remembers that the present sources of a part are built. */
export function markBuilt(name) {
  const file = stampFile(name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, fingerprint(PARTS[name].sources));
}

function hasSources(name) {
  const [first] = PARTS[name].sources;
  return filesUnder(first).length > 0;
}

function isCurrent(name) {
  const { sources, outputs } = PARTS[name];
  if (!outputs.every((file) => existsSync(join(ROOT, file)))) return false;
  const stamp = stampFile(name);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint(sources);
}

/** Contents, not times: `git checkout` and unpacked archives set times as they like. */
function fingerprint(paths) {
  const hash = createHash('sha256');
  for (const file of paths.flatMap(filesUnder)) hash.update(`${file}\0`).update(readFileSync(join(ROOT, file)));
  return hash.digest('hex');
}

function filesUnder(path) {
  const absolute = join(ROOT, path);
  if (!existsSync(absolute)) return [];
  if (!statSync(absolute).isDirectory()) return [path];
  return readdirSync(absolute)
    .filter((name) => !NOT_SOURCES.has(name))
    .sort()
    .flatMap((name) => filesUnder(join(path, name)));
}

function stampFile(name) {
  return join(ROOT, 'node_modules/.cache/feathery', `${name}.sha256`);
}
