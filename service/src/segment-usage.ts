// Which settings and segments ask for a segment. Pure.
import type { Segment, Setting } from 'feathery-server-sdk/protocol';
import { segmentsIn } from './wire.js';

export interface SegmentUsage {
  readonly settings: string[];
  readonly segments: string[];
}

/** By the key of the segment; those that nobody asks for are left out. */
export function segmentUsage(
  settings: ReadonlyMap<string, Setting>,
  segments: ReadonlyMap<string, Segment>,
): Map<string, SegmentUsage> {
  const usage = new Map<string, SegmentUsage>();
  const note = (items: ReadonlyMap<string, Setting | Segment>, kind: keyof SegmentUsage) => {
    for (const [key, { rules }] of items) {
      for (const segment of new Set(segmentsIn(rules))) {
        const known = usage.get(segment) ?? { settings: [], segments: [] };
        known[kind].push(key);
        usage.set(segment, known);
      }
    }
  };
  note(settings, 'settings');
  note(segments, 'segments');
  return usage;
}
