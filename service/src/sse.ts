// Server-sent events as text. Pure: fields in, one frame out. Nothing that comes from outside can start a line of its
// own, because a field with a line break in it is refused here rather than sent.

/** Sign of life: a comment line, which every client counts as activity and none reads. */
export const HEARTBEAT = ':\n';

export interface EventFields {
  readonly event: string;
  /** Sent on exactly one `data` line: text without line breaks, as `JSON.stringify` makes it. */
  readonly data: string;
  /** What a client sends back as `Last-Event-ID`. */
  readonly id?: string;
}

/** Thrown for a field that would break the frame; always a fault of ours, never of the client. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/**
 * One event, ending in the blank line that dispatches it.
 *
 * @throws FrameError when a field holds a character that would end its line or void the field.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export function eventFrame({ event, data, id }: EventFields): string {
  checkLine('event', event);
  if (event === '') throw new FrameError('event is empty');
  if (hasLineBreak(data)) throw new FrameError('data has a line break');
  if (id === undefined) return `event: ${event}\ndata: ${data}\n\n`;
  checkLine('id', id);
  return `event: ${event}\nid: ${id}\ndata: ${data}\n\n`;
}

/** Asks the client to wait about this long before it connects again. */
export function retryFrame(delayMs: number): string {
  // The field is ignored by clients unless it consists of digits only.
  if (!Number.isSafeInteger(delayMs) || delayMs < 0) throw new FrameError('retry is not a whole number');
  return `retry: ${delayMs}\n\n`;
}

function checkLine(field: string, value: string): void {
  // A NUL makes clients ignore the whole `id` field.
  if (hasLineBreak(value) || value.includes('\0')) throw new FrameError(`${field} has a control character`);
}

function hasLineBreak(text: string): boolean {
  return text.includes('\n') || text.includes('\r');
}
