import pino, { type DestinationStream, type Logger } from 'pino';

/** Where a secret could stand in a logged request. */
const SECRETS = [
  'req.headers.authorization',
  'req.headers.cookie',
  'res.headers["set-cookie"]',
  'headers.authorization',
];

/** Structured log on standard error: standard output belongs to the lines people wait for. */
export function createLog(
  level: string,
  destination: DestinationStream = pino.destination({ dest: 2, sync: true }),
): Logger {
  const redact = { paths: SECRETS, censor: '[redacted]' };
  return pino({ level, base: null, redact, serializers: { err: describeError } }, destination);
}

/** Not the other members of an error: those of a database name rows, and so users and hashes. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { type, message, stack } = pino.stdSerializers.err(error);
  return { type, message, stack, code: (error as { code?: unknown }).code };
}
