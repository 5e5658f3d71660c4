import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ADMIN_TOKEN, SDK_KEY } from './support/app.js';
import { buildProgram, type Program } from './support/process.js';
import { SseClient } from './support/sse-client.js';

let program: Program;
let folder: string;
beforeAll(() => {
  program = buildProgram();
}, 60_000);
afterAll(() => program.remove());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'feathery-main-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const QUIET = { FEATHERY_LOG_LEVEL: 'warn' };
const NOBODY = 65_534;
const serve = (...more: string[]) => ['serve', '--port', '0', '--data-dir', join(folder, 'data'), ...more];
const version = JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8')).version;

describe('feathery', () => {
  it('prints its help and its version', () => {
    expect(program.run(['--help'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('--data-dir'),
      stderr: '',
    });
    expect(program.run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it.each([
    [['serve', '--prot', '1'], 'Unknown flag "--prot"'],
    [['srve'], 'Unknown command "srve"'],
    [[], 'feathery serve'],
  ])('answers %j in one line with exit code 2', (args, words) => {
    const { code, stdout, stderr } = program.run(args);
    expect([code, stdout, stderr.trim().split('\n').length]).toEqual([2, '', 1]);
    expect(stderr).toContain(words);
  });

  it('prints the keys it made once, the ready line last, and logs elsewhere', async () => {
    const first = await program.start(serve());
    expect(first.stdout).toEqual([
      expect.stringMatching(/^Become the first admin .*http:\/\/127\.0\.0\.1:\d+\/setup#token=ftl-/),
      expect.stringMatching(/^SDK key of production .*sdk-/),
      expect.stringMatching(/^Admin token .*fta-/),
      `Feathery is ready on ${first.address}`,
    ]);
    const [sdkKey, token] = [1, 2].map((index) => first.stdout[index]?.split(': ')[1] as string);
    const read = (path: string, authorization: string) => fetch(first.address + path, { headers: { authorization } });
    expect((await read('/sdk/latest-all', sdkKey as string)).status).toBe(200);
    expect((await read('/api/v1/settings', `Bearer ${token}`)).status).toBe(200);
    for (const line of first.stderr) expect(() => JSON.parse(line)).not.toThrow();
    expect(first.stderr.join('\n')).not.toContain(sdkKey);
    await first.end('SIGTERM');
    const second = await program.start(serve(), QUIET);
    expect(second.stdout.filter((line) => /SDK key|Admin token/.test(line))).toEqual([]);
    await second.end('SIGTERM');
  }, 30_000);

  it('prints no key that it was given', async () => {
    const service = await program.start(serve(), {
      ...QUIET,
      FEATHERY_ADMIN_TOKEN: ADMIN_TOKEN,
      FEATHERY_SDK_KEY: SDK_KEY,
    });
    expect(service.stdout.join('\n')).not.toMatch(/SDK key|Admin token/);
    const given = await fetch(`${service.address}/api/v1/settings`, {
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    });
    expect(given.status).toBe(200);
    await service.end('SIGTERM');
  }, 30_000);

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'ends streams and exits with 0 on %s',
    async (signal) => {
      const service = await program.start(serve(), { ...QUIET, FEATHERY_SDK_KEY: SDK_KEY });
      const stream = await fetch(`${service.address}/all`, { headers: { authorization: SDK_KEY } });
      const reader = stream.body?.getReader();
      await reader?.read();
      const code = service.end(signal);
      // The end of the stream is clean: nothing was cut off.
      for (let part = await reader?.read(); part?.done === false; part = await reader?.read());
      expect([await code, service.stderr]).toEqual([0, []]);
    },
    30_000,
  );
});

describe('feathery beside a service', () => {
  it('finds it well, saves it, and restores it elsewhere', async () => {
    const service = await program.start(serve(), { ...QUIET, FEATHERY_SDK_KEY: SDK_KEY });
    const { port } = new URL(service.address);
    const options = (dataDir: string) => ['--port', port, '--data-dir', join(folder, dataDir)];
    const backup = join(folder, 'backup.gz');
    expect(program.run(['doctor', ...options('data')])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('a service answers'),
      stderr: '',
    });
    expect(program.run(['backup', backup, ...options('data')])).toMatchObject({ code: 0, stderr: '' });
    const busy = program.run(['restore', backup, '--replace', ...options('data')]);
    expect([busy.code, busy.stderr]).toEqual([1, expect.stringContaining('Another Feathery service')]);
    expect(program.run(['restore', backup, ...options('other')])).toMatchObject({ code: 0, stderr: '' });
    const read = async ({ address }: typeof service) => {
      const stream = await SseClient.open(`${address}/all`, { authorization: SDK_KEY, 'x-feathery-protocol': '1' });
      const { event, id, data } = await stream.next();
      stream.close();
      return { event, data, epoch: id?.split(':')[0] };
    };
    const before = await read(service);
    await service.end('SIGTERM');
    const restored = await program.start(['serve', '--port', '0', '--data-dir', join(folder, 'other')], QUIET);
    const after = await read(restored);
    expect(after).toMatchObject({ event: 'put', data: before.data });
    expect(after.epoch).not.toBe(before.epoch);
    await restored.end('SIGTERM');
  }, 60_000);
});

describe('feathery that cannot start says so in one line, with exit code 1', () => {
  const refused = (args: string[], words: RegExp, uid?: number) => {
    const { code, stdout, stderr } = program.run(args, QUIET, uid);
    expect([code, stdout, stderr.trim().split('\n').length]).toEqual([1, '', 1]);
    expect(stderr).toMatch(words);
  };

  it('when the port is in use', async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port));
    });
    refused(serve('--port', `${port}`), new RegExp(`^Port ${port} on 127.0.0.1 is in use\\..*--port`));
    await new Promise((resolve) => other.close(resolve));
  });

  it('when the address is not of this machine', () => {
    refused(serve('--host', '192.0.2.1'), /^This machine has no address 192\.0\.2\.1\..*--host/);
  });

  it('when another service uses the folder, which goes on', async () => {
    const first = await program.start(serve(), QUIET);
    refused(serve(), /^Another Feathery service is using the data folder/);
    expect((await fetch(`${first.address}/readyz`)).status).toBe(200);
    await first.end('SIGTERM');
  }, 30_000);

  it('when the folder cannot be made', () => {
    writeFileSync(join(folder, 'data'), 'a file');
    refused(serve(), /^Cannot use the data folder .*: it is a file.*--data-dir/);
  });

  it('when the folder cannot be written', () => {
    chmodSync(folder, 0o555);
    // Root may write anywhere, so somebody else tries.
    const uid = process.getuid?.() === 0 ? NOBODY : undefined;
    refused(serve(), /^Cannot use the data folder .*EACCES.*--data-dir/, uid);
  });

  it('when the database is damaged', async () => {
    const service = await program.start(serve(), QUIET);
    await service.end('SIGTERM');
    const file = join(folder, 'data/feathery.db');
    writeFileSync(file, readFileSync(file).fill('x', 0, 100));
    refused(serve(), /damaged.*Restore a backup/);
  }, 30_000);

  it('when PostgreSQL does not answer', () => {
    refused(
      ['serve', '--database-url', 'postgres://nobody:secret@127.0.0.1:1/x'],
      /^Cannot use the PostgreSQL database/,
    );
  });
});
