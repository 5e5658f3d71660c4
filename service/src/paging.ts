// Lists in pages: the cursor names the last item of a page, so that items added or removed meanwhile shift nothing.
import { Problem } from './problems.js';

export interface PageOf<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** What a cursor that this service gave out stands for. Throws Problem 400 for any other text. */
export function readCursor(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const position = Buffer.from(cursor, 'base64url').toString();
  if (position === '' || Buffer.from(position).toString('base64url') !== cursor) {
    throw new Problem('invalid_request', 'The cursor is not one of this service.');
  }
  return position;
}

/**
 * Cuts a page out of a list that was read with one item more than the page holds.
 *
 * @param position - What the next page continues after.
 */
export function pageOf<T>(found: readonly T[], limit: number, position: (item: T) => string): PageOf<T> {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const more = found.length > limit && last !== undefined;
  return { items, nextCursor: more ? Buffer.from(position(last)).toString('base64url') : null };
}
