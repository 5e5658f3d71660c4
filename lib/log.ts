import { format } from 'node:util';

/** Where messages for operators go. pino, winston and `console` fit. */
export interface Logger {
  error(...args: unknown[]): void;
  warn(...args: unknown[]): void;
  info(...args: unknown[]): void;
  debug(...args: unknown[]): void;
}

/** What a part of the SDK writes to. Never throws, whatever the application's logger does. */
export interface Log {
  /** Something an operator must act on. */
  error(message: string): void;
  /** Something an operator should know; the SDK goes on by itself. */
  warn(message: string): void;
  info(message: string): void;
  /** Detail, formatted only when someone reads it: namespace `feathery:<part>` or the logger's `debug`. */
  debug(message: string, ...values: unknown[]): void;
}

export type LogPart = 'stream' | 'store' | 'events' | 'client';

/**
 * The log of one part of the SDK.
 *
 * @param logger - The application's logger. Without one, warnings and errors go to `console` and the rest only to
 *   the `debug` namespace.
 */
export function createLog(logger: Logger | undefined, part: LogPart): Log {
  const writeDetail = createDetail(part);
  const write = (level: keyof Logger, message: string): void => {
    try {
      if (logger !== undefined) logger[level](message);
      else if (level === 'error' || level === 'warn') console[level](`feathery: ${message}`);
    } catch {
      // A broken logger must not become a broken application.
    }
  };
  return {
    error: (message) => write('error', message),
    warn: (message) => write('warn', message),
    info: (message) => {
      if (isDebugging()) writeDetail(message);
      write('info', message);
    },
    debug: (message, ...values) => {
      if (!isDebugging() && logger === undefined) return;
      const text = format(message, ...values);
      if (isDebugging()) writeDetail(text);
      write('debug', text);
    },
  };
}

/** Whether any namespace is wanted: `debug` keeps what the application enables later in the same variable. */
function isDebugging(): boolean {
  return Boolean(process.env.DEBUG);
}

/** Loads `debug` with the first line: it takes a quarter of the time of importing the SDK (bench/start.ts). */
function createDetail(part: LogPart): (text: string) => void {
  let loading: Promise<(format: string, text: string) => void> | undefined;
  return (text) => {
    loading ??= import('debug').then(({ default: createDebug }) => createDebug(`feathery:${part}`));
    loading.then((detail) => detail('%s', text)).catch(() => {});
  };
}

/** The logs of one client. Its options are not checked yet: an unusable logger counts as none. */
export function createLogs(options: { readonly logger?: unknown } | undefined): Readonly<Record<LogPart, Log>> {
  const logger = loggerOf(options);
  return {
    stream: createLog(logger, 'stream'),
    store: createLog(logger, 'store'),
    events: createLog(logger, 'events'),
    client: createLog(logger, 'client'),
  };
}

function loggerOf(options: { readonly logger?: unknown } | undefined): Logger | undefined {
  try {
    const logger = options?.logger;
    return isLogger(logger) ? logger : undefined;
  } catch {
    return undefined;
  }
}

/** True when the value can be used as a logger. */
export function isLogger(value: unknown): value is Logger {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false;
  const methods = value as Partial<Record<keyof Logger, unknown>>;
  return (['error', 'warn', 'info', 'debug'] as const).every((level) => typeof methods[level] === 'function');
}
