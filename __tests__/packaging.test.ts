// The package as its users get it: packed, installed in a project of its own, and used from every kind of project.
// Needs the registry (or npm's cache); without it these tests are skipped, or fail with FEATHERY_REQUIRE_ALL=1.
import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { open, put, ScriptedServer, send, stall } from './support/sse-server.js';

const ROOT = join(__dirname, '..');
const BIN = join(ROOT, 'node_modules/.bin');
/** Tools that only these tests need; kept from one run to the next. */
const TOOLS = join(ROOT, 'node_modules/.cache/feathery-packaging');
const TOOL_PACKAGES = ['vitest@3', 'publint@0.3', '@arethetypeswrong/cli@0.18'];
const TSC = join(BIN, 'tsc');
const TYPES = join(ROOT, 'node_modules/@types');
/** The lines beside the one that runs this. */
const NODE_VERSIONS = ['20', '22', '24'].filter((version) => !process.version.startsWith(`v${version}.`));
const NODE_PACKAGE = `node-${process.platform}-${process.arch}`;
const REQUIRED = process.env.FEATHERY_REQUIRE_ALL === '1';
const TIMEOUT_MS = 90_000;

const EXPECTED_PACKAGES = [
  'debug',
  'eventsource',
  'eventsource-parser',
  'feathery-server-sdk',
  'is-network-error',
  'lru-cache',
  'ms',
  'p-retry',
];
const MAX_INSTALLED_BYTES = 2_000_000;

const USE = `
  const client = settings({ 'new-nav': true }).client();
  if (client.variation('new-nav', { key: 'ada' }, false) !== true) throw new Error('wrong value');
  if (typeof feathery.get !== 'function' || typeof FeatheryError !== 'function') throw new Error('wrong exports');
  const real = feathery.createClient('key', { serviceUri: 'http://127.0.0.1:9', sendEvents: false, logger: quiet });
  await real.waitForInitialization({ timeoutMs: 20 }).catch((error) => {
    if (error.code !== 'INITIALIZATION_TIMEOUT') throw error;
  });
  await real.close();
  await client.close();
  console.log('used');
`;
const QUIET = 'const quiet = { error() {}, warn() {}, info() {}, debug() {} };';

const FILES: Record<string, string> = {
  'package.json': JSON.stringify({ name: 'consumer', private: true }),
  'use.mjs': `
    import * as feathery from 'feathery-server-sdk';
    import { FeatheryError } from 'feathery-server-sdk';
    import { settings } from 'feathery-server-sdk/testing';
    ${QUIET} ${USE}`,
  'use.cjs': `
    const feathery = require('feathery-server-sdk');
    const { FeatheryError } = feathery;
    const { settings } = require('feathery-server-sdk/testing');
    ${QUIET} (async () => { ${USE} })();`,
  'both.mjs': `
    import { createRequire } from 'node:module';
    import * as imported from 'feathery-server-sdk';
    const required = createRequire(import.meta.url)('feathery-server-sdk');
    imported.setSdkKey('', { offline: true });
    if (imported.get === required.get) throw new Error('one copy only: the test proves nothing');
    if (imported.get() !== required.get()) throw new Error('two shared clients');
    await required.get().close();
    console.log('used');`,
  'exit.mjs': `
    import { createClient } from 'feathery-server-sdk';
    ${QUIET}
    createClient('key', { serviceUri: process.argv[2], logger: quiet });
    console.log('used');`,
  'types.mts': typed("import * as feathery from 'feathery-server-sdk';"),
  'types.cts': typed("import feathery = require('feathery-server-sdk');"),
  'tests/jest/default.test.js': `
    const { settings } = require('feathery-server-sdk/testing');
    const { createClient } = require('feathery-server-sdk');
    test('the SDK works in a default Jest project', async () => {
      const data = settings({ 'new-nav': true });
      const client = data.client();
      expect(client.variation('new-nav', { key: 'ada' }, false)).toBe(true);
      data.set('new-nav', false);
      expect(client.variation('new-nav', { key: 'ada' }, true)).toBe(false);
      await client.close();
      await createClient('', { offline: true }).close();
    });`,
  'tests/vitest/some.test.mjs': `
    import { expect, test } from 'vitest';
    import { createClient } from 'feathery-server-sdk';
    import { faultServer, settings } from 'feathery-server-sdk/testing';
    test('the SDK works in a Vitest project', async () => {
      const server = await faultServer({ settings: settings({ 'new-nav': true }) });
      const client = createClient(server.sdkKey, { serviceUri: server.uri });
      await client.waitForInitialization({ timeoutMs: 5000 });
      expect(client.variation('new-nav', { key: 'ada' }, false)).toBe(true);
      await client.close();
      await server.close();
    });`,
  'tests/node/some.test.mjs': `
    import assert from 'node:assert/strict';
    import { test } from 'node:test';
    import { settings } from 'feathery-server-sdk/testing';
    test('the SDK works under node:test', async () => {
      const client = settings({ limit: 10 }).client();
      assert.equal(client.numberVariation('limit', { key: 'ada' }, 0), 10);
      await client.close();
    });`,
};

function typed(firstLine: string): string {
  return `
    ${firstLine}
    import { settings, type TestSettings } from 'feathery-server-sdk/testing';
    declare module 'feathery-server-sdk' { interface Settings { 'new-nav': boolean } }
    const data: TestSettings = settings({ 'new-nav': true });
    const client: feathery.FeatheryClient = data.client();
    export const value: boolean = client.variation('new-nav', { key: 'ada' }, false);
    // @ts-expect-error: no such setting
    client.variation('unknown', { key: 'ada' }, false);
    // @ts-expect-error: of another type
    client.variation('new-nav', { key: 'ada' }, 'on');
    client.on('error', (error) => error.code === 'STREAM');
  `;
}

const run = promisify(execFile);
// Jest's own variables would change how the programs below behave.
const environment = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(NODE_ENV|JEST_|NODE_OPTIONS|npm_config_)/.test(name)),
  ),
  // What the tools print is read here.
  NO_COLOR: '1',
  FORCE_COLOR: '0',
};
const npm = (cwd: string, ...args: string[]) =>
  run('npm', [...args, '--no-audit', '--no-fund', '--prefer-offline', '--fetch-retries=1', '--fetch-timeout=20000'], {
    cwd,
    env: environment,
    timeout: TIMEOUT_MS,
  });

describe('the package', () => {
  let project: string;
  let tarball: string;
  let unavailable: string | undefined;

  beforeAll(async () => {
    if (!existsSync(join(ROOT, 'dist/cjs/index.cjs'))) throw new Error('There is no build. Run `npm run build` first.');
    project = mkdtempSync(join(tmpdir(), 'feathery-package-'));
    for (const [name, text] of Object.entries(FILES)) {
      mkdirSync(join(project, name, '..'), { recursive: true });
      writeFileSync(join(project, name), text);
    }
    const packed = await npm(ROOT, 'pack', '--ignore-scripts', '--json', '--pack-destination', project);
    tarball = join(project, JSON.parse(packed.stdout)[0].filename);
    try {
      await npm(project, 'install', tarball, '--no-package-lock');
    } catch (error) {
      unavailable = `the registry cannot be reached: ${(error as Error).message.split('\n')[0]}`;
      if (REQUIRED) throw error;
    }
  }, TIMEOUT_MS);

  afterAll(() => rmSync(project, { recursive: true, force: true }));

  /** A test that is skipped, and says so, when the package could not be installed. */
  function check(name: string, body: () => Promise<void>): void {
    it(
      name,
      async () => {
        if (unavailable === undefined) await body();
        else console.warn(`Skipped "${name}": ${unavailable}`);
      },
      TIMEOUT_MS,
    );
  }

  const execute = (program: string, ...args: string[]) =>
    run(program, args, { cwd: project, env: environment, timeout: TIMEOUT_MS }).catch((error) => {
      throw new Error(`${program} ${args.join(' ')}\n${error.stdout}\n${error.stderr}`);
    });

  check('brings four dependencies and theirs, in less than 2 MB', async () => {
    const modules = join(project, 'node_modules');
    expect(readdirSync(modules).filter((name) => !name.startsWith('.'))).toEqual(EXPECTED_PACKAGES);
    const names = readdirSync(modules, { recursive: true, encoding: 'utf8' });
    expect(names.filter((name) => /node_modules\/[^/]+$/.test(name))).toEqual([]);
    const sizes = names.map((name) => statSync(join(modules, name))).filter((file) => file.isFile());
    expect(sizes.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(MAX_INSTALLED_BYTES);
  });

  check('is one for import and require in the same process', async () => {
    expect((await execute(process.execPath, 'both.mjs')).stdout).toBe('used\n');
  });

  for (const file of ['use.mjs', 'use.cjs']) {
    check(`is used by ${file}`, async () => {
      expect((await execute(process.execPath, file)).stdout).toBe('used\n');
    });
  }

  check('lets a process end that has nothing else to do', async () => {
    const server = await ScriptedServer.listen([[open(), send(put()), stall()]]);
    expect((await execute(process.execPath, 'exit.mjs', server.uri)).stdout).toBe('used\n');
    await server.close();
  });

  // The libraries' own declarations are looked at once.
  for (const [resolution, module, files, options] of [
    ['node16', 'node16', ['types.mts', 'types.cts'], []],
    ['bundler', 'esnext', ['types.mts'], ['--skipLibCheck']],
  ] as const) {
    check(`has its types under ${resolution} resolution`, async () => {
      const common = ['--noEmit', '--strict', '--target', 'es2023', '--types', 'node', '--typeRoots', TYPES];
      await execute(TSC, ...common, ...options, '--module', module, '--moduleResolution', resolution, ...files);
    });
  }

  check('works in a default Jest project', async () => {
    const { stderr } = await execute(join(BIN, 'jest'), '--rootDir', join(project, 'tests/jest'));
    expect(stderr).toMatch(/Tests: +1 passed, 1 total/);
  });

  check('works under node:test', async () => {
    const { stdout } = await execute(process.execPath, '--test', 'tests/node/some.test.mjs');
    expect(stdout).toMatch(/pass 1\b/);
    expect(stdout).toMatch(/fail 0\b/);
  });

  check('works in a Vitest project', async () => {
    const vitest = await tool('vitest');
    symlinkSync(join(TOOLS, 'node_modules/vitest'), join(project, 'node_modules/vitest'));
    const { stdout } = await execute(process.execPath, vitest, 'run', '--root', join(project, 'tests/vitest'));
    expect(stdout).toMatch(/Tests +1 passed/);
  });

  check('is found clean by publint', async () => {
    await execute(process.execPath, await tool('publint'), 'run', tarball, '--strict');
  });

  check('is found clean by attw', async () => {
    await execute(process.execPath, await tool('@arethetypeswrong/cli'), tarball, '--no-color');
  });

  for (const version of NODE_VERSIONS) {
    const isHere = existsSync(nodeBinary(version));
    (REQUIRED || isHere ? check : it.skip)(`works on Node ${version}`, async () => {
      if (!isHere) await npm(TOOLS, 'install', `node-${version}@npm:${NODE_PACKAGE}@${version}`);
      for (const file of ['use.mjs', 'use.cjs', 'both.mjs']) {
        expect((await execute(nodeBinary(version), file)).stdout).toBe('used\n');
      }
    });
  }
});

/** The path of a tool's program; all are installed when the first is asked for. */
async function tool(name: string): Promise<string> {
  const folder = join(TOOLS, 'node_modules', name);
  if (!existsSync(folder)) {
    mkdirSync(TOOLS, { recursive: true });
    writeFileSync(join(TOOLS, 'package.json'), JSON.stringify({ name: 'tools', private: true }));
    await npm(TOOLS, 'install', ...TOOL_PACKAGES);
  }
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof bin === 'string' ? bin : (Object.values(bin)[0] as string));
}

function nodeBinary(version: string): string {
  return join(TOOLS, 'node_modules', `node-${version}`, 'bin/node');
}
