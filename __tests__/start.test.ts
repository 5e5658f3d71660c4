import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');
const START = ['-r', join(ROOT, 'scripts/require-node.cjs'), join(ROOT, 'scripts/start.mjs')];
const WITHIN_MS = 60_000;

jest.setTimeout(180_000);

/** `npm start` as a terminal sees it. */
class Terminal {
  readonly child: ChildProcess;
  output = '';
  readonly ended: Promise<number | null>;
  readonly #waiting = new Set<() => void>();

  constructor(args: string[]) {
    const { FEATHERY_ADMIN_TOKEN: _token, FEATHERY_SDK_KEY: _key, ...env } = process.env;
    this.child = spawn(process.execPath, [...START, ...args], { cwd: ROOT, env });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk) => {
        this.output += chunk;
        for (const look of this.#waiting) look();
      });
    }
    this.ended = new Promise((resolve) => this.child.once('close', resolve));
  }

  /** Resolves with the match as soon as it has been printed. */
  async prints(pattern: RegExp): Promise<RegExpExecArray> {
    const found = new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(this.output);
        if (match === null) return;
        this.#waiting.delete(look);
        clearTimeout(timer);
        resolve(match);
      };
      const timer = setTimeout(() => reject(new Error(`No ${pattern} in:\n${this.output}`)), WITHIN_MS);
      this.#waiting.add(look);
      look();
    });
    return found;
  }

  async interrupt(): Promise<{ code: number | null; ms: number }> {
    const started = Date.now();
    this.child.kill('SIGINT');
    const code = await this.ended;
    return { code, ms: Date.now() - started };
  }
}

describe('npm start', () => {
  const folder = mkdtempSync(join(tmpdir(), 'feathery-start-'));
  const terminals: Terminal[] = [];
  const start = (...args: string[]) => {
    const terminal = new Terminal(args);
    terminals.push(terminal);
    return terminal;
  };

  afterAll(async () => {
    for (const { child } of terminals) child.kill('SIGTERM');
    await Promise.all(terminals.map(({ ended }) => ended));
    rmSync(folder, { recursive: true, force: true });
  });

  it('shows a change landing on every sample server, and ends with Ctrl-C', async () => {
    const dataDir = join(folder, 'demo');
    const terminal = start('--port', '0', '--data-dir', dataDir);
    const [, command] = await terminal.prints(/^ {2}(curl -X PATCH .*)$/m);
    const [, page] = await terminal.prints(/Sample server\s+(\S+)/);
    expect(await noticeOn(page as string)).toBe('');

    const { status } = spawnSync('sh', ['-c', `${command} --silent --fail`]);
    expect(status).toBe(0);
    const [line] = await terminal.prints(/^.*\bnotice\b.*revision \d+.*3 of 3 servers.*\d+ ms.*$/m);
    expect(line).toBeDefined();
    expect(await noticeOn(page as string)).toContain('maintenance');
    expect(statSync(join(dataDir, 'demo.json')).mode & 0o777).toBe(0o600);

    const { code, ms } = await terminal.interrupt();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(2000);

    const again = start('--port', '0', '--data-dir', dataDir);
    const [, samePage] = await again.prints(/Sample server\s+(\S+)/);
    expect(await noticeOn(samePage as string)).toContain('maintenance');
    expect(again.output).toContain(JSON.parse(readFileSync(join(dataDir, 'demo.json'), 'utf8')).sdkKey);
    expect((await again.interrupt()).code).toBe(0);
  });

  it('says in one line that the port is in use', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    const { port } = holder.address() as { port: number };
    const terminal = start('--port', String(port), '--data-dir', join(folder, 'port'));
    expect(await terminal.ended).toBe(1);
    expect(linesOf(terminal)).toEqual([expect.stringMatching(new RegExp(`${port}.*in use|in use.*${port}`))]);
    await new Promise((resolve) => holder.close(resolve));
  });

  it('says in one line that the data folder cannot be used', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    const terminal = start('--port', '0', '--data-dir', join(file, 'data'));
    expect(await terminal.ended).toBe(1);
    expect(linesOf(terminal)).toEqual([expect.stringContaining('--data-dir')]);
  });

  it('refuses unknown flags in one line', async () => {
    const terminal = start('--colour', 'blue');
    expect(await terminal.ended).toBe(1);
    expect(linesOf(terminal)).toEqual([expect.stringContaining('--colour')]);
  });

  it('says in one line that the demo keys cannot be read', async () => {
    const dataDir = join(folder, 'keys');
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, 'demo.json'), 'not JSON');
    const terminal = start('--port', '0', '--data-dir', dataDir);
    expect(await terminal.ended).toBe(1);
    expect(linesOf(terminal)).toEqual([expect.stringContaining('demo.json')]);
  });

  it('tells an old Node what is needed', () => {
    const pretend = `Object.defineProperty(process.versions, 'node', { value: '18.20.0' });`;
    const check = `${pretend} require(${JSON.stringify(join(ROOT, 'scripts/require-node.cjs'))})`;
    const { status, stderr } = spawnSync(process.execPath, ['-e', check], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(/needs Node 20\.19 or newer.*18\.20\.0/)]);
  });
});

/** Without the progress of a build, which comes first where something was outdated. */
function linesOf({ output }: Terminal): string[] {
  return output
    .trim()
    .split('\n')
    .filter((line) => !/^(Installing|Building)\b/.test(line));
}

/** What the sample server at this address gives everybody as notice. */
async function noticeOn(page: string): Promise<unknown> {
  const response = await fetch(`${page}/state`);
  const { settings } = (await response.json()) as { settings: { key: string; values: unknown[] }[] };
  return settings.find(({ key }) => key === 'notice')?.values[0];
}
