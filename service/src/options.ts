// What an operator can set: each option's default, bounds and sentence of help, in one table.
import { isIP } from 'node:net';

export interface Option<T> {
  readonly fallback: T;
  readonly help: string;
  /** Returns the value, or throws with what was expected. */
  readonly parse: (text: string) => T;
  /** Name on the command line and, in capitals behind `FEATHERY_`, in the environment; by default the option's own. */
  readonly flag?: string;
  /** Only the environment may say it, as a command line is seen by others. */
  readonly isSecret?: true;
}

export const OPTIONS = {
  host: text('127.0.0.1', 'Address to listen on'),
  port: integer(8383, [0, 65_535], 'Port to listen on; 0 takes a free one'),
  dataDir: text('./feathery-data', 'Folder of the embedded database'),
  databaseUrl: databaseUrl('postgres://… in place of the embedded database'),
  databaseConnections: integer(10, [3, 1000], 'Connections to PostgreSQL, the one that listens aside'),
  logLevel: choice(
    'info',
    ['silent', 'error', 'warn', 'info', 'debug'],
    'How much is logged: silent, error, warn, info, debug',
  ),
  maxBodyBytes: integer(4_194_304, [1024, 2 ** 30], 'Largest admin request'),
  maxImportBytes: integer(67_108_864, [1024, 2 ** 30], 'Largest import'),
  maxSettings: integer(10_000, [1, 1_000_000], 'Most settings'),
  maxSegments: integer(10_000, [1, 1_000_000], 'Most segments per environment'),
  maxEnvironments: integer(100, [1, 10_000], 'Most environments'),
  maxTargetKeys: integer(100_000, [1, 100_000], 'Most keys in one target, or in one list of a segment'),
  maxRules: integer(500, [1, 500], 'Most rules of one setting or segment'),
  apiBurst: integer(5000, [1, 1_000_000], 'Admin requests at once per token or member'),
  apiPerSecond: integer(1000, [1, 1_000_000], 'Admin requests a second after that'),
  sdkBurst: integer(50_000, [1, 1_000_000], 'Requests at once per SDK key, streams aside'),
  sdkPerSecond: integer(10_000, [1, 1_000_000], 'Requests a second per SDK key after that'),
  heartbeatMs: integer(30_000, [100, 180_000], 'Silence on a stream before a comment'),
  maxLifetimeMs: integer(14_400_000, [0, 2 ** 40], 'Longest life of a stream; 0 is for ever', 'stream-lifetime-ms'),
  maxWaitingBytes: integer(4_194_304, [1024, 2 ** 30], 'Bytes a slow reader may leave waiting', 'stream-waiting-bytes'),
  maxSnapshots: integer(64, [1, 10_000], 'Full snapshots on their way at one time'),
  maxStreams: integer(50_000, [1, 1_000_000], 'Most open streams'),
  maxStreamsPerKey: integer(50_000, [1, 1_000_000], 'Most open streams with one SDK key'),
  reconnectsPerSecond: integer(500, [1, 1_000_000], 'Pace at which clients come back after a shutdown'),
  maxResumeChanges: integer(500, [0, 100_000], 'Longest gap bridged without a snapshot'),
  receiptsPerSecond: integer(500, [1, 100_000], 'Most reports of applied revisions'),
  maxWatchers: integer(100, [1, 10_000], 'Most dashboards that watch one environment live'),
  maxEventsBytes: integer(16_777_216, [1024, 2 ** 30], 'Largest payload of events'),
  maxInflatedBytes: integer(16_777_216, [1024, 2 ** 30], 'Largest payload of events when inflated'),
  maxIngestBytes: integer(67_108_864, [1024, 2 ** 34], 'Payloads of events that may wait to be stored'),
  ingestWindowMs: integer(20, [0, 1000], 'Payloads of events within this time share a transaction'),
  maxUnknownKeys: integer(
    2000,
    [0, 1_000_000],
    'Keys of unknown settings, and of custom events, counted per environment',
  ),
  maxContexts: integer(100_000, [0, 100_000_000], 'Contexts of one kind remembered per environment'),
  minuteCountDays: integer(1, [1, 10_000], 'Days that counts per minute are kept'),
  hourCountDays: integer(90, [1, 10_000], 'Days that counts per hour are kept'),
  contextDays: integer(90, [1, 10_000], 'Days that a user or organization not seen is remembered'),
  payloadIdDays: integer(2, [1, 10_000], 'Days in which a repeated payload of events is recognised'),
  maxChangeLog: integer(10_000, [1, 10_000_000], 'Change sets per environment from which streams resume'),
  drainMs: integer(5000, [0, 600_000], 'Time for open streams to end at a shutdown'),
  signInLink: choice('no', ['no', 'yes'], 'Print a link that signs in as an admin: no, yes'),
  trustProxy: proxies('Proxies whose X-Forwarded-… headers count: addresses, ranges'),
  adminToken: secret('Admin API token to create or replace at start'),
  sdkKey: secret('SDK key that the production environment accepts'),
  metricsToken: secret('Token that /metrics asks for; without one everybody may read it'),
};

/** `maxSettings` is `--max-settings` on the command line. */
export function flagOf(name: string, { flag }: Option<unknown>): string {
  return flag ?? name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `maxSettings` is `FEATHERY_MAX_SETTINGS` in the environment. */
export function variableOf(name: string, option: Option<unknown>): string {
  return `FEATHERY_${flagOf(name, option).toUpperCase().replaceAll('-', '_')}`;
}

function text(fallback: string, help: string): Option<string> {
  const parse = (given: string) => {
    if (given.trim() === '') throw new Error('a value is expected');
    return given;
  };
  return { fallback, help, parse };
}

function integer(fallback: number, [min, max]: readonly [number, number], help: string, flag?: string): Option<number> {
  const parse = (given: string) => {
    const value = /^\d+$/.test(given) ? Number(given) : Number.NaN;
    if (!(value >= min && value <= max)) throw new Error(`"${given}" is not a whole number from ${min} to ${max}`);
    return value;
  };
  return { fallback, help, parse, ...(flag === undefined ? {} : { flag }) };
}

function choice(fallback: string, values: readonly string[], help: string): Option<string> {
  const parse = (given: string) => {
    if (!values.includes(given)) throw new Error(`"${given}" is none of ${values.join(', ')}`);
    return given;
  };
  return { fallback, help, parse };
}

function databaseUrl(help: string): Option<string | undefined> {
  const parse = (given: string) => {
    // The address may carry a password, so the message does not repeat it.
    if (!/^postgres(ql)?:\/\//.test(given)) throw new Error('the address must start with postgres://');
    return given;
  };
  return { fallback: undefined, help, parse };
}

function proxies(help: string): Option<readonly string[] | undefined> {
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
  return { fallback: undefined, help, parse };
}

function secret(help: string): Option<string | undefined> {
  const parse = (given: string) => {
    if (!/^[\x21-\x7e]{8,256}$/.test(given)) throw new Error('8 to 256 visible ASCII characters are expected');
    return given;
  };
  return { fallback: undefined, help, parse, isSecret: true };
}
