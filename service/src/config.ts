// Command line and environment → one validated, frozen object. Pure: reads what it is given, touches no process.
import { isIP } from 'node:net';
import { StartError } from './start-error.js';

interface Option<T> {
  /** `--name` on the command line; absent when only the environment may say it, as a command line is seen by others. */
  readonly flag?: string;
  readonly variable: string;
  readonly fallback: T;
  readonly help: string;
  /** Returns the value, or throws with what was expected. */
  readonly parse: (text: string) => T;
}

const OPTIONS = {
  host: text('host', 'FEATHERY_HOST', '127.0.0.1', 'Address to listen on'),
  port: integer('port', 'FEATHERY_PORT', 8383, 'Port to listen on; 0 takes a free one', 0, 65_535),
  dataDir: text('data-dir', 'FEATHERY_DATA_DIR', './feathery-data', 'Folder of the embedded database'),
  databaseUrl: databaseUrl('database-url', 'FEATHERY_DATABASE_URL', 'postgres://… in place of the embedded database'),
  logLevel: choice('log-level', 'FEATHERY_LOG_LEVEL', 'info', ['silent', 'error', 'warn', 'info', 'debug']),
  maxBodyBytes: integer('max-body-bytes', 'FEATHERY_MAX_BODY_BYTES', 4_194_304, 'Largest admin request', 1024, 2 ** 30),
  maxImportBytes: integer('max-import-bytes', 'FEATHERY_MAX_IMPORT_BYTES', 67_108_864, 'Largest import', 1024, 2 ** 30),
  maxSettings: integer('max-settings', 'FEATHERY_MAX_SETTINGS', 10_000, 'Most settings', 1, 1_000_000),
  maxSegments: integer('max-segments', 'FEATHERY_MAX_SEGMENTS', 10_000, 'Most segments per environment', 1, 1_000_000),
  maxEnvironments: integer('max-environments', 'FEATHERY_MAX_ENVIRONMENTS', 100, 'Most environments', 1, 10_000),
  apiBurst: integer(
    'api-burst',
    'FEATHERY_API_BURST',
    5000,
    'Admin requests at once per token or member',
    1,
    1_000_000,
  ),
  apiPerSecond: integer(
    'api-per-second',
    'FEATHERY_API_PER_SECOND',
    1000,
    'Admin requests a second after that',
    1,
    1_000_000,
  ),
  heartbeatMs: integer(
    'heartbeat-ms',
    'FEATHERY_HEARTBEAT_MS',
    30_000,
    'Silence on a stream before a comment',
    100,
    180_000,
  ),
  maxLifetimeMs: integer(
    'stream-lifetime-ms',
    'FEATHERY_STREAM_LIFETIME_MS',
    14_400_000,
    'Longest life of a stream; 0 is for ever',
    0,
    2 ** 40,
  ),
  maxWaitingBytes: integer(
    'stream-waiting-bytes',
    'FEATHERY_STREAM_WAITING_BYTES',
    4_194_304,
    'Bytes a slow reader may leave waiting',
    1024,
    2 ** 30,
  ),
  maxSnapshots: integer(
    'max-snapshots',
    'FEATHERY_MAX_SNAPSHOTS',
    64,
    'Full snapshots on their way at one time',
    1,
    10_000,
  ),
  maxStreams: integer('max-streams', 'FEATHERY_MAX_STREAMS', 50_000, 'Most open streams', 1, 1_000_000),
  maxStreamsPerKey: integer(
    'max-streams-per-key',
    'FEATHERY_MAX_STREAMS_PER_KEY',
    50_000,
    'Most open streams with one SDK key',
    1,
    1_000_000,
  ),
  reconnectsPerSecond: integer(
    'reconnects-per-second',
    'FEATHERY_RECONNECTS_PER_SECOND',
    500,
    'Pace at which clients come back after a shutdown',
    1,
    1_000_000,
  ),
  maxResumeChanges: integer(
    'max-resume-changes',
    'FEATHERY_MAX_RESUME_CHANGES',
    500,
    'Longest gap bridged without a snapshot',
    0,
    100_000,
  ),
  receiptsPerSecond: integer(
    'receipts-per-second',
    'FEATHERY_RECEIPTS_PER_SECOND',
    300,
    'Most reports of applied revisions',
    1,
    100_000,
  ),
  maxWatchers: integer(
    'max-watchers',
    'FEATHERY_MAX_WATCHERS',
    100,
    'Most dashboards that watch one environment live',
    1,
    10_000,
  ),
  maxEventsBytes: integer(
    'max-events-bytes',
    'FEATHERY_MAX_EVENTS_BYTES',
    16_777_216,
    'Largest payload of events',
    1024,
    2 ** 30,
  ),
  maxInflatedBytes: integer(
    'max-inflated-bytes',
    'FEATHERY_MAX_INFLATED_BYTES',
    16_777_216,
    'Largest payload of events when inflated',
    1024,
    2 ** 30,
  ),
  maxIngestBytes: integer(
    'max-ingest-bytes',
    'FEATHERY_MAX_INGEST_BYTES',
    67_108_864,
    'Payloads of events that may wait to be stored',
    1024,
    2 ** 34,
  ),
  ingestWindowMs: integer(
    'ingest-window-ms',
    'FEATHERY_INGEST_WINDOW_MS',
    20,
    'Payloads of events within this time share a transaction',
    0,
    1000,
  ),
  maxUnknownKeys: integer(
    'max-unknown-keys',
    'FEATHERY_MAX_UNKNOWN_KEYS',
    2000,
    'Keys of unknown settings, and of custom events, counted per environment',
    0,
    1_000_000,
  ),
  maxContexts: integer(
    'max-contexts',
    'FEATHERY_MAX_CONTEXTS',
    100_000,
    'Contexts of one kind remembered per environment',
    0,
    100_000_000,
  ),
  minuteCountDays: integer(
    'minute-count-days',
    'FEATHERY_MINUTE_COUNT_DAYS',
    1,
    'Days that counts per minute are kept',
    1,
    10_000,
  ),
  hourCountDays: integer(
    'hour-count-days',
    'FEATHERY_HOUR_COUNT_DAYS',
    90,
    'Days that counts per hour are kept',
    1,
    10_000,
  ),
  contextDays: integer(
    'context-days',
    'FEATHERY_CONTEXT_DAYS',
    90,
    'Days that a user or organization not seen is remembered',
    1,
    10_000,
  ),
  payloadIdDays: integer(
    'payload-id-days',
    'FEATHERY_PAYLOAD_ID_DAYS',
    1,
    'Days in which a repeated payload of events is recognised',
    1,
    10_000,
  ),
  maxChangeLog: integer(
    'max-change-log',
    'FEATHERY_MAX_CHANGE_LOG',
    10_000,
    'Change sets per environment from which streams resume',
    1,
    10_000_000,
  ),
  drainMs: integer('drain-ms', 'FEATHERY_DRAIN_MS', 5000, 'Time for open streams to end at a shutdown', 0, 600_000),
  signInLink: choice(
    'sign-in-link',
    'FEATHERY_SIGN_IN_LINK',
    'no',
    ['no', 'yes'],
    'Print a link that signs in as an admin: no, yes',
  ),
  trustProxy: proxies(
    'trust-proxy',
    'FEATHERY_TRUST_PROXY',
    'Proxies whose X-Forwarded-… headers count: addresses, ranges',
  ),
  adminToken: secret('FEATHERY_ADMIN_TOKEN', 'Admin API token to create or replace at start'),
  sdkKey: secret('FEATHERY_SDK_KEY', 'SDK key that the production environment accepts'),
};

type Options = typeof OPTIONS;

/** What the service was told at its start. */
export type Config = { readonly [Name in keyof Options]: Options[Name] extends Option<infer T> ? T : never };

export type Command = { readonly name: 'serve'; readonly config: Config } | { readonly name: 'help' | 'version' };

/**
 * Understands `feathery <arguments>`.
 *
 * @param args - The command line after the program's name.
 * @param env - Environment variables. An empty one counts as absent; the command line wins.
 * @throws StartError with exit code 2 for what it does not understand.
 */
export function parseCommand(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Command {
  if (args.includes('--help') || args.includes('-h') || args[0] === 'help') return { name: 'help' };
  if (args.includes('--version') || args.includes('-v')) return { name: 'version' };
  const [first, ...rest] = args;
  if (first === undefined) throw usage('Say what to do, for example "feathery serve".');
  if (first !== 'serve') throw usage(`Unknown command "${first}".`);
  return { name: 'serve', config: createConfig(parseFlags(rest), env) };
}

/** The configuration that a set of flags and variables stands for; what neither says has its default. */
export function createConfig(
  flags: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string | undefined>> = {},
): Config {
  const config: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(OPTIONS) as [string, Option<unknown>][]) {
    config[name] = readOption(option, flags, env);
  }
  return Object.freeze(config) as Config;
}

/** What `feathery --help` prints. */
export function helpText(): string {
  const rows = (Object.values(OPTIONS) as Option<unknown>[]).map((option) => {
    const left = option.flag === undefined ? '' : `--${option.flag} <value>`;
    const fallback = option.fallback === undefined ? '' : ` (default ${option.fallback})`;
    return `  ${left.padEnd(28)}${option.variable.padEnd(28)}${option.help}${fallback}`;
  });
  return [
    'Usage: feathery serve [options]',
    '',
    'Runs the Feathery service. Each option can be a flag or an environment variable; the flag wins.',
    '',
    ...rows,
    '',
    '  --help                      Print this',
    '  --version                   Print the version',
  ].join('\n');
}

function parseFlags(args: readonly string[]): Record<string, string> {
  const known = new Set((Object.values(OPTIONS) as Option<unknown>[]).map(({ flag }) => flag));
  const flags: Record<string, string> = {};
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] as string;
    const match = /^--([a-z-]+)(?:=(.*))?$/s.exec(argument);
    if (match === null) throw usage(`Unexpected "${argument}".`);
    const flag = match[1] as string;
    if (!known.has(flag)) throw usage(`Unknown flag "--${flag}".`);
    if (match[2] === undefined) index += 1;
    const value = match[2] ?? args[index];
    if (value === undefined) throw usage(`"--${flag}" needs a value.`);
    flags[flag] = value;
  }
  return flags;
}

function readOption(
  option: Option<unknown>,
  flags: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string | undefined>>,
): unknown {
  const flagged = option.flag === undefined ? undefined : flags[option.flag];
  const given = flagged ?? (env[option.variable] || undefined);
  if (given === undefined) return option.fallback;
  try {
    return option.parse(given);
  } catch (error) {
    const name = flagged === undefined ? option.variable : `--${option.flag}`;
    throw usage(`${name}: ${(error as Error).message}.`);
  }
}

function usage(message: string): StartError {
  return new StartError(`${message} See feathery --help.`, { exitCode: 2 });
}

function text(flag: string, variable: string, fallback: string, help: string): Option<string> {
  return { flag, variable, fallback, help, parse: notEmpty };
}

function integer(
  flag: string,
  variable: string,
  fallback: number,
  help: string,
  min: number,
  max: number,
): Option<number> {
  const parse = (given: string) => {
    const value = /^\d+$/.test(given) ? Number(given) : Number.NaN;
    if (!(value >= min && value <= max)) throw new Error(`"${given}" is not a whole number from ${min} to ${max}`);
    return value;
  };
  return { flag, variable, fallback, help, parse };
}

function choice(
  flag: string,
  variable: string,
  fallback: string,
  values: readonly string[],
  help = values.join(', '),
): Option<string> {
  const parse = (given: string) => {
    if (!values.includes(given)) throw new Error(`"${given}" is none of ${values.join(', ')}`);
    return given;
  };
  return { flag, variable, fallback, help, parse };
}

function databaseUrl(flag: string, variable: string, help: string): Option<string | undefined> {
  const parse = (given: string) => {
    // The address may carry a password, so the message does not repeat it.
    if (!/^postgres(ql)?:\/\//.test(given)) throw new Error('the address must start with postgres://');
    return given;
  };
  return { flag, variable, fallback: undefined, help, parse };
}

function proxies(flag: string, variable: string, help: string): Option<readonly string[] | undefined> {
  const parse = (given: string) => {
    const addresses = given.split(',').map((address) => address.trim());
    for (const address of addresses) {
      if (/^(loopback|linklocal|uniquelocal)$/.test(address)) continue;
      const [host = '', bits = '0', ...rest] = address.split('/');
      const most = isIP(host) === 6 ? 128 : 32;
      if (isIP(host) > 0 && rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= most) continue;
      throw new Error(`"${address}" is no address, range like 10.0.0.0/8, or one of loopback, linklocal, uniquelocal`);
    }
    return addresses;
  };
  return { flag, variable, fallback: undefined, help, parse };
}

function secret(variable: string, help: string): Option<string | undefined> {
  const parse = (given: string) => {
    if (!/^[\x21-\x7e]{8,256}$/.test(given)) throw new Error('8 to 256 visible ASCII characters are expected');
    return given;
  };
  return { variable, fallback: undefined, help, parse };
}

function notEmpty(given: string): string {
  if (given.trim() === '') throw new Error('a value is expected');
  return given;
}
