// What is sent in one request, and kept or put away as one.
import { randomUUID } from 'node:crypto';
import type { DrainedSummary } from './summary.js';

/** Older batches are dropped as expired, wherever they wait. */
export const MAX_BATCH_AGE_MS = 24 * 3_600_000;
/** A flush is cut into batches of about this size, because a service that finds one too large drops it whole. */
export const MAX_BATCH_CHARACTERS = 3_000_000;

/** Events on their way. */
export interface Batch {
  /** The payload id: the same in all attempts, so that the service counts a batch once. */
  readonly id: string;
  /** A JSON array of events. */
  readonly body: string;
  /** How many events and counted evaluations it stands for. */
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/**
 * Cuts a flush into batches, in order, the summary last. None when there is nothing to send.
 *
 * @param events - Each as JSON text.
 */
export function createBatches(
  events: readonly string[],
  summary: DrainedSummary | undefined,
  createdAt: number,
): Batch[] {
  const items = events.map((text) => ({ text, size: 1 }));
  if (summary !== undefined) items.push({ text: JSON.stringify(summary.event), size: summary.count });
  const batches: Batch[] = [];
  let texts: string[] = [];
  let size = 0;
  let characters = 0;
  const cut = () => {
    batches.push({ id: randomUUID(), body: `[${texts.join(',')}]`, size, createdAt });
    texts = [];
    size = 0;
    characters = 0;
  };
  for (const item of items) {
    if (texts.length > 0 && characters + item.text.length > MAX_BATCH_CHARACTERS) cut();
    texts.push(item.text);
    size += item.size;
    characters += item.text.length;
  }
  if (texts.length > 0) cut();
  return batches;
}
