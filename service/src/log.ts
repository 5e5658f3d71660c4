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
  return pino({ level, base: null, redact: { paths: SECRETS, censor: '[redacted]' } }, destination);
}
