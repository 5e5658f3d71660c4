// An environment of any size, its settings as long as those of real ones: 10,000 make a `put` of 4.9 MB.
import type { Setting } from 'feathery-server-sdk/protocol';
import { seeded } from './random.js';
import { putData, setting } from './scenarios.js';

/** The setting whose value counts up. */
export const PROBE_KEY = 'probe';

/** The `data` of a `put` with so many settings, the probe at 0 among them. */
export function largePut(count: number): string {
  const random = seeded(count);
  const settings: Record<string, Setting> = { [PROBE_KEY]: probe(0) };
  for (let index = 1; index < count; index++) {
    const key = `setting-${String(index).padStart(5, '0')}`;
    settings[key] = fill(key, [`user-${Math.floor(random() * 1e6)}@customer.example`]);
  }
  return putData({ settings, segments: {} });
}

/** The `data` of a patch that brings the probe to a number, at the version above it. */
export function probePatch(value: number): string {
  return JSON.stringify({ path: `/flags/${PROBE_KEY}`, data: probe(value) });
}

function probe(value: number): Setting {
  return { ...fill(PROBE_KEY, []), version: value + 1, variations: [value, -1] };
}

function fill(key: string, users: readonly string[]): Setting {
  const clauses = [
    { contextKind: 'user', attribute: 'country', op: 'in', values: ['AT', 'CH'] },
    { contextKind: 'user', attribute: 'plan', op: 'in', values: ['business'] },
  ];
  return setting(key, [true, false], {
    targets: [{ variation: 1, values: [...users] }],
    rules: [{ id: 'business', clauses, variation: 1, trackEvents: false }],
    trackEvents: false,
  });
}
