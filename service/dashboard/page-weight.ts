// What each page weighs: a gzipped twin beside every file, which the service sends, and a table of the script that each
// page loads. The build fails when the settings page, the first that people see, is over its bound.
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Plugin, Rollup } from 'vite';

const FIRST_PAGE = 'Settings';
const MAX_FIRST_PAGE_BYTES = 300_000;
/** Smaller ones are sent as they are. */
const MIN_BYTES = 1_000;
const COMPRESSIBLE = /\.(js|css|svg)$/;
const PAGE = /\/src\/pages\/[^/]+\.tsx$/;

export function pageWeight(): Plugin {
  return {
    name: 'page-weight',
    apply: 'build',
    // Other plugins are done with the files only once they are written.
    writeBundle({ dir = '' }, bundle) {
      const weights = new Map<string, number>();
      for (const file of Object.values(bundle)) {
        const source = file.type === 'chunk' ? file.code : file.source;
        const compressed = gzipSync(source, { level: 9 });
        weights.set(file.fileName, compressed.length);
        if (!COMPRESSIBLE.test(file.fileName) || source.length < MIN_BYTES) continue;
        writeFileSync(join(dir, `${file.fileName}.gz`), compressed);
      }
      const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
      const first = chunks.filter(({ isEntry }) => isEntry);
      const pages = chunks.filter(({ facadeModuleId }) => PAGE.test(facadeModuleId ?? ''));
      const rows = pages
        .map((page) => [basename(page.facadeModuleId ?? '', '.tsx'), weigh([...first, page], bundle, weights)] as const)
        .sort(([, a], [, b]) => b - a);
      console.log('Script of each page, KB gzipped, with all it imports:');
      for (const [name, bytes] of rows) console.log(`${name.padEnd(14)}${(bytes / 1000).toFixed(0).padStart(4)}`);
      const [, firstBytes = 0] = rows.find(([name]) => name === FIRST_PAGE) ?? [];
      if (firstBytes === 0 || firstBytes > MAX_FIRST_PAGE_BYTES) {
        this.error(`The page ${FIRST_PAGE} loads ${firstBytes} bytes of script; it may load ${MAX_FIRST_PAGE_BYTES}.`);
      }
    },
  };
}

/** What is loaded on demand, such as the JSON editor, is not part of it. */
function weigh(
  chunks: readonly Rollup.OutputChunk[],
  bundle: Rollup.OutputBundle,
  weights: ReadonlyMap<string, number>,
): number {
  const needed = new Set<string>();
  const need = (fileName: string) => {
    if (needed.has(fileName)) return;
    needed.add(fileName);
    const file = bundle[fileName];
    if (file?.type === 'chunk') file.imports.forEach(need);
  };
  for (const { fileName } of chunks) need(fileName);
  return [...needed].reduce((sum, fileName) => sum + (weights.get(fileName) ?? 0), 0);
}
