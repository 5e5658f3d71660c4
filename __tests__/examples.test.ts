import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  ADMIN_TOKEN,
  admin,
  createSetting,
  patchSetting,
  SDK_KEY,
  type Service,
  startService,
} from './support/service.js';

const FOLDER = join(__dirname, '../examples');
const MAX_LINES = 40;

jest.setTimeout(60_000);

/** An example, run as a program of its own: it finds the package as its users do. */
class Program {
  readonly lines: string[] = [];
  readonly ended: Promise<number | null>;
  readonly #child;
  #wake: () => void = () => {};

  constructor(name: string, service: Service) {
    this.#child = spawn(process.execPath, [join(FOLDER, name)], {
      env: {
        ...process.env,
        FEATHERY_SERVICE_URI: service.uri,
        FEATHERY_SDK_KEY: SDK_KEY,
        FEATHERY_ADMIN_TOKEN: ADMIN_TOKEN,
        PORT: '0',
      },
    });
    for (const input of [this.#child.stdout, this.#child.stderr]) {
      createInterface({ input }).on('line', (line) => {
        this.lines.push(line);
        this.#wake();
      });
    }
    this.ended = new Promise((resolve) => this.#child.once('close', resolve));
    void this.ended.then(() => this.#wake());
  }

  /** The next line not asked for yet; undefined when it ended without. */
  async line(index: number): Promise<string | undefined> {
    const hasEnded = this.ended.then(() => true);
    while (this.lines.length <= index) {
      const printed = new Promise<false>((resolve) => {
        this.#wake = () => resolve(false);
      });
      if (this.lines.length <= index && (await Promise.race([printed, hasEnded]))) break;
    }
    return this.lines[index];
  }

  stop(): void {
    this.#child.kill('SIGTERM');
  }
}

describe('examples', () => {
  let service: Service;
  const run = (name: string) => new Program(name, service);
  const output = async (name: string) => {
    const program = run(name);
    const code = await program.ended;
    return { code, lines: program.lines };
  };

  beforeEach(async () => {
    service = await startService();
    await createSetting(service.uri, 'pdf-export');
  });

  afterEach(() => service.close());

  it('are complete in under 40 lines, and listed', () => {
    const list = readFileSync(join(FOLDER, 'README.md'), 'utf8');
    const programs = readdirSync(FOLDER).filter((file) => !file.endsWith('.md'));
    for (const file of programs) {
      expect(readFileSync(join(FOLDER, file), 'utf8').trimEnd().split('\n').length).toBeLessThan(MAX_LINES);
      expect(list).toContain(`(${file})`);
    }
  });

  it.each(['first-setting.mjs', 'commonjs.cjs'])('%s asks for one setting', async (name) => {
    expect(await output(name)).toEqual({ code: 0, lines: ['pdf-export is false'] });
  });

  it('organizations.mjs tells organizations apart', async () => {
    await patchSetting(service.uri, 'pdf-export', {
      contextTargets: [{ contextKind: 'organization', variation: 0, values: ['acme'] }],
    });
    expect(await output('organizations.mjs')).toEqual({
      code: 0,
      lines: ['acme: true, because of TARGET_MATCH', 'globex: false, because of FALLTHROUGH'],
    });
  });

  it('web-server.mjs answers by the setting, and ends on SIGTERM', async () => {
    await patchSetting(service.uri, 'pdf-export', {
      targets: [{ variation: 0, values: ['ada'] }],
    });
    const program = run('web-server.mjs');
    const port = (await program.line(0))?.split(' ').at(-1);
    const ask = async (user: string) => {
      const response = await fetch(`http://127.0.0.1:${port}`, { headers: { 'x-user': user, connection: 'close' } });
      return response.text();
    };
    // Until the settings are there it answers with the default value.
    while (!(await ask('ada')).includes('can export')) await new Promise(setImmediate);
    expect(await ask('ben')).toContain('not part of your plan');
    program.stop();
    expect(await program.ended).toBe(0);
  });

  it('react-to-a-change.mjs follows a value', async () => {
    const program = run('react-to-a-change.mjs');
    expect(await program.line(0)).toBe('pdf-export is false');
    await patchSetting(service.uri, 'pdf-export', { fallthrough: { variation: 0 } });
    expect(await program.line(1)).toBe('pdf-export is true');
    expect(await program.ended).toBe(0);
  });

  it('values-for-a-browser.mjs includes only what is meant for browsers', async () => {
    await createSetting(service.uri, 'secret-limit');
    await patchSetting(service.uri, 'pdf-export', {
      clientSideAvailability: { usingEnvironmentId: true, usingMobileKey: false },
    });
    expect(await output('values-for-a-browser.mjs')).toEqual({
      code: 0,
      lines: ['<script>window.settings = {"pdf-export":false}</script>'],
    });
  });

  it('change-settings.mjs changes two settings in one revision', async () => {
    await createSetting(service.uri, 'requests-per-minute');
    const before = await patchSetting(service.uri, 'pdf-export', { on: false });
    expect(await output('change-settings.mjs')).toEqual({ code: 0, lines: [`revision ${before + 1}`] });
    const { setting } = await admin<{ setting: { on: boolean } }>(
      service.uri,
      'GET',
      'environments/production/settings/pdf-export',
    );
    expect(setting.on).toBe(true);
  });
});
