// Times in the API are ISO 8601; inside they are milliseconds.
import { invalidBody } from './problems.js';

export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

export function isoTimeOrNull(ms: number | null): string | null {
  return ms === null ? null : isoTime(ms);
}

/** Milliseconds of an ISO 8601 time with a zone. Throws Problem 422 that names where it stood. */
export function parseTime(text: string, pointer: string): number {
  // `Date.parse` alone also takes "1" and local times.
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw invalidBody([{ pointer, detail: 'must be a time like 2030-01-31T12:00:00Z' }]);
  return ms;
}

/** The same for a field in which null means never. */
export function parseTimeOrNull(text: string | null, pointer: string): number | null {
  return text === null ? null : parseTime(text, pointer);
}
