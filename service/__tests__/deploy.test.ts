import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OPTIONS, variableOf } from '../src/options.js';

const ROOT = join(__dirname, '../..');
const FOLDER = join(ROOT, 'service/deploy');
const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8');
/** What building makes, so that it is not in a fresh clone. */
const BUILT = ['node_modules', 'dist', 'service/dist'];

describe('the files to deploy with', () => {
  it.each(readdirSync(FOLDER))('name only variables that the service knows: %s', (name) => {
    const known = new Set(Object.entries(OPTIONS).map(([option, definition]) => variableOf(option, definition)));
    const used = [...read(name).matchAll(/\bFEATHERY_[A-Z_]+/g)].map(([variable]) => variable);
    expect(used.filter((variable) => !known.has(variable))).toEqual([]);
  });

  it('copy what is there', () => {
    const copies = [...read('Dockerfile').matchAll(/^COPY (?:--from=\w+ )?(.*) \S+$/gm)].flatMap(([, paths = '']) =>
      paths.split(' ').map((path) => path.replace(/^\/src\//, '')),
    );
    expect(copies.length).toBeGreaterThan(5);
    expect(copies.filter((path) => !BUILT.includes(path) && !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('run the program of the package, as somebody without rights', () => {
    const { bin } = JSON.parse(readFileSync(join(ROOT, 'service/package.json'), 'utf8'));
    expect(read('Dockerfile')).toContain(`/app/service/${bin.feathery.replace('./', '')} /usr/local/bin/feathery`);
    expect(read('Dockerfile')).toMatch(/^USER node$/m);
    expect(read('feathery.service')).toMatch(/^DynamicUser=yes$/m);
  });

  it('name the Dockerfile where it is', () => {
    const [, path] = /dockerfile: (\S+)/.exec(read('compose.yaml')) ?? [];
    expect(existsSync(join(ROOT, path as string))).toBe(true);
  });
});
