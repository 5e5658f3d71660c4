import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConfig, helpText, parseCommand } from '../src/config.js';
import { OPTIONS, variableOf } from '../src/options.js';

const configOf = (args: string[], env: Record<string, string> = {}) => {
  const command = parseCommand(['serve', ...args], env);
  if (command.name !== 'serve') throw new Error('not serve');
  return command.config;
};

describe('config', () => {
  it('has the documented defaults', () => {
    expect(configOf([])).toMatchObject({
      host: '127.0.0.1',
      port: 8383,
      dataDir: './feathery-data',
      databaseUrl: undefined,
      adminToken: undefined,
      sdkKey: undefined,
    });
  });

  it.each([
    [['--port', '9000'], {}, 9000],
    [['--port=9000'], {}, 9000],
    [[], { FEATHERY_PORT: '9000' }, 9000],
    [['--port', '9000'], { FEATHERY_PORT: '1' }, 9000],
    [[], { FEATHERY_PORT: '' }, 8383],
    [['--port', '0'], {}, 0],
  ])('reads the port from %j and %j as %d', (args, env, port) => {
    expect(configOf(args, env as Record<string, string>).port).toBe(port);
  });

  it('reads each flag and variable of the contract', () => {
    expect(
      configOf(['--host', '0.0.0.0', '--data-dir', '/data', '--database-url', 'postgres://a/b'], {
        FEATHERY_ADMIN_TOKEN: 'fta-secret',
        FEATHERY_SDK_KEY: 'sdk-secret',
      }),
    ).toMatchObject({
      host: '0.0.0.0',
      dataDir: '/data',
      databaseUrl: 'postgres://a/b',
      adminToken: 'fta-secret',
      sdkKey: 'sdk-secret',
    });
    expect(
      configOf([], { FEATHERY_HOST: '::1', FEATHERY_DATA_DIR: '/d', FEATHERY_DATABASE_URL: 'postgresql://x/y' }),
    ).toMatchObject({ host: '::1', dataDir: '/d', databaseUrl: 'postgresql://x/y' });
  });

  it.each([
    [[], 'Say what to do'],
    [['run'], 'Unknown command "run"'],
    [['backup'], 'feathery backup <file>'],
    [['restore', '--replace'], 'feathery restore <file>'],
    [['backup', 'a.gz', '--replace'], 'Unknown flag "--replace"'],
    [['serve', '--nope'], 'Unknown flag "--nope"'],
    [['serve', '--adminToken', 'x'], 'Unexpected "--adminToken"'],
    [['serve', 'x'], 'Unexpected "x"'],
    [['serve', '--port'], '"--port" needs a value'],
    [['serve', '--port', '65536'], '--port: "65536" is not a whole number from 0 to 65535'],
    [['serve', '--port', '1.5'], '--port: "1.5"'],
    [['serve', '--host', ' '], '--host: a value is expected'],
    [['serve', '--log-level', 'loud'], '--log-level: "loud" is none of'],
    [['serve', '--trust-proxy', '10.0.0.1,proxy.example'], '--trust-proxy: "proxy.example" is no address'],
    [['serve', '--trust-proxy', '10.0.0.0/33'], '--trust-proxy: "10.0.0.0/33"'],
  ])('refuses %j with exit code 2 and a line that names it', (args, message) => {
    const refused = expect(() => parseCommand(args, {}));
    refused.toThrow(message);
    refused.toThrow(expect.objectContaining({ exitCode: 2 }));
    refused.toThrow(expect.objectContaining({ message: expect.not.stringContaining('\n') }));
  });

  it.each([
    ['FEATHERY_ADMIN_TOKEN', 'short'],
    ['FEATHERY_SDK_KEY', 'with a blank'],
    ['FEATHERY_DATABASE_URL', 'mysql://user:password@host/db'],
  ])('refuses a bad %s without repeating it', (variable, value) => {
    const refused = expect(() => configOf([], { [variable]: value }));
    refused.toThrow(variable);
    refused.toThrow(expect.objectContaining({ message: expect.not.stringContaining(value) }));
  });

  it('reads the commands for operators', () => {
    const config = createConfig();
    expect(parseCommand(['doctor'], {})).toEqual({ name: 'doctor', config });
    expect(parseCommand(['backup', 'a.gz'], {})).toEqual({ name: 'backup', file: 'a.gz', config });
    expect(parseCommand(['restore', 'a.gz'], {})).toEqual({ name: 'restore', file: 'a.gz', replace: false, config });
    const there = { ...config, dataDir: '/data' };
    expect(parseCommand(['restore', 'a.gz', '--data-dir', '/data', '--replace'], {})).toEqual({
      name: 'restore',
      file: 'a.gz',
      replace: true,
      config: there,
    });
  });

  it('answers to help and version anywhere', () => {
    expect(parseCommand(['--help'], {})).toEqual({ name: 'help' });
    expect(parseCommand(['serve', '--help'], {})).toEqual({ name: 'help' });
    expect(parseCommand(['--version'], {})).toEqual({ name: 'version' });
  });

  it('lists each variable in its help', () => {
    for (const name of ['--host', 'FEATHERY_PORT', 'FEATHERY_ADMIN_TOKEN', '--data-dir'])
      expect(helpText()).toContain(name);
  });

  it('takes addresses, ranges and names of ranges as proxies', () => {
    const { trustProxy } = configOf(['--trust-proxy', 'loopback, 10.0.0.0/8,2001:db8::1']);
    expect(trustProxy).toEqual(['loopback', '10.0.0.0/8', '2001:db8::1']);
  });

  it('offers each option as a flag and as a variable of the same name, secrets as a variable only', () => {
    const flags = [...helpText().matchAll(/^ {2}(--\S+) <value> +(FEATHERY_\S+)/gm)];
    expect(flags.length).toBeGreaterThan(10);
    for (const [, flag, variable] of flags) {
      expect(variable).toBe(`FEATHERY_${flag?.slice(2).toUpperCase().replaceAll('-', '_')}`);
    }
    expect(helpText()).toMatch(/^ +FEATHERY_SDK_KEY/m);
    expect(() => configOf(['--sdk-key', 'sdk-secret'])).toThrow('Unknown flag');
  });

  it('is what docs/self-hosting.md lists, with the same defaults', () => {
    const page = readFileSync(join(__dirname, '../../docs/self-hosting.md'), 'utf8');
    const listed = [...page.matchAll(/^\| (?:`--\S+`)? \| `(FEATHERY_\w+)` \| (?:`(.*?)`)? \|/gm)];
    const defaults = Object.entries(OPTIONS).map(([name, option]) => [variableOf(name, option), option.fallback]);
    expect(listed.map(([, variable, fallback]) => [variable, fallback])).toEqual(
      defaults.map(([variable, fallback]) => [variable, fallback === undefined ? undefined : String(fallback)]),
    );
  });

  it('is frozen', () => {
    expect(Object.isFrozen(createConfig())).toBe(true);
  });
});
