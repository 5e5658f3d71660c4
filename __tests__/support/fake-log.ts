import { format } from 'node:util';
import type { Log } from '../../lib/log.js';

/** Keeps what was logged. */
export class FakeLog implements Log {
  readonly errors: string[] = [];
  readonly warnings: string[] = [];
  readonly infos: string[] = [];
  readonly details: string[] = [];

  error(message: string): void {
    this.errors.push(message);
  }

  warn(message: string): void {
    this.warnings.push(message);
  }

  info(message: string): void {
    this.infos.push(message);
  }

  debug(message: string, ...values: unknown[]): void {
    this.details.push(format(message, ...values));
  }
}
