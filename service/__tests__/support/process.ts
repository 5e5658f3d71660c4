// The service as a process of its own, from the present sources: for what only a process can show.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = join(__dirname, '../../..');
const READY = /^Feathery is ready on (\S+)/;

/** Bundles `main.ts` with the SDK's present sources, so that no stale build is tested. */
const BUNDLE = `
  import { rolldown } from 'rolldown';
  const [main, protocol, file] = process.argv.slice(1);
  const bundle = await rolldown({
    input: main,
    platform: 'node',
    resolve: { alias: { 'feathery-server-sdk/protocol': protocol } },
    external: (id) => !id.startsWith('.') && !id.startsWith('/') && id !== 'feathery-server-sdk/protocol',
  });
  await bundle.write({ file, format: 'esm', codeSplitting: false });
  await bundle.close();
`;

export interface Program {
  /** Runs to its end, as another user when `uid` is given. */
  run(
    args: readonly string[],
    env?: Record<string, string>,
    uid?: number,
  ): { code: number | null; stdout: string; stderr: string };
  /** Starts it and waits until it is ready. `through` is a command that runs the command it is given. */
  start(args: readonly string[], env?: Record<string, string>, through?: readonly string[]): Promise<Running>;
  /** Ends what still runs and removes the bundle. */
  remove(): void;
}

export interface Running {
  readonly address: string;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  /** Sends a signal and resolves with the exit code, null when the signal ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

export function buildProgram(): Program {
  // Beside the installed packages, which the bundle asks for by name.
  const cache = join(ROOT, 'node_modules/.cache/feathery');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'test-'));
  // Other users run it, too.
  chmodSync(folder, 0o755);
  const file = join(folder, 'main.mjs');
  const sources = [join(ROOT, 'service/src/main.ts'), join(ROOT, 'lib/protocol-entry.ts'), file];
  const built = spawnSync(process.execPath, ['--input-type=module', '-e', BUNDLE, ...sources], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (built.status !== 0) throw new Error(`the service could not be bundled: ${built.stderr}`);
  const running = new Set<ChildProcess>();
  return {
    run: (args, env = {}, uid) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], {
        env: { ...process.env, ...env },
        encoding: 'utf8',
        ...(uid === undefined ? {} : { uid }),
      });
      return { code: status, stdout, stderr };
    },
    start: async (args, env = {}, through = []) => {
      const [command, ...rest] = [...through, process.execPath, file, ...args];
      const child = spawn(command as string, rest, { env: { ...process.env, ...env } });
      running.add(child);
      return untilReady(child);
    },
    remove: () => {
      for (const child of running) child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Waits for the line that tells the address. */
export async function untilReady(child: ChildProcess): Promise<Running> {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const read = (stream: NodeJS.ReadableStream, lines: string[], onLine: (line: string) => void) => {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      onLine(line);
    });
  };
  const address = await new Promise<string>((resolve, reject) => {
    read(child.stdout as NodeJS.ReadableStream, stdout, (line) => {
      const match = READY.exec(line);
      if (match !== null) resolve(match[1] as string);
    });
    read(child.stderr as NodeJS.ReadableStream, stderr, () => {});
    void ended.then((code) => reject(new Error(`it ended with ${code}: ${stderr.join('\n')}`)));
  });
  return {
    address,
    stdout,
    stderr,
    end: (signal) => {
      child.kill(signal);
      return ended;
    },
  };
}
