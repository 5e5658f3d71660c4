// Which settings a list shows. Pure.
import type { SettingType } from '../../model.js';
import type { SettingRow } from '../../settings.js';

/** As it stands in the address; what is absent does not filter. */
export interface Filter {
  q?: string;
  type?: SettingType;
  tag?: string;
  state?: 'on' | 'off' | 'split' | 'stale';
}

export interface Evaluations {
  from: string;
  settings: Record<string, { counts: number[]; last: string }>;
}

const STALE_AFTER_MS = 30 * 24 * 3_600_000;

/** The rows that fit, those whose key or name begins with what is looked for before the others. */
export function filterRows(
  rows: readonly SettingRow[],
  filter: Filter,
  evaluations: Evaluations | undefined,
  now: number,
): SettingRow[] {
  const words = (filter.q ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  const found = rows.filter(
    (row) =>
      (filter.type === undefined || row.type === filter.type) &&
      (filter.tag === undefined || row.tags.includes(filter.tag)) &&
      (filter.state === undefined || isInState(row, filter.state, evaluations, now)) &&
      (words.length === 0 || hasWords(row, words)),
  );
  const [first] = words;
  if (first === undefined) return found;
  const rank = ({ key, name }: SettingRow) =>
    key.toLowerCase().startsWith(first) || name.toLowerCase().startsWith(first) ? 0 : 1;
  return found.sort((a, b) => rank(a) - rank(b));
}

/** Nobody has asked for it or changed it for 30 days. */
export function isStale(row: SettingRow, evaluations: Evaluations | undefined, now: number): boolean {
  if (evaluations === undefined || evaluations.settings[row.key] !== undefined) return false;
  return row.lastChange !== null && now - Date.parse(row.lastChange.at) > STALE_AFTER_MS;
}

function isInState(row: SettingRow, state: string, evaluations: Evaluations | undefined, now: number): boolean {
  const { on, fallthrough, rules } = row.serving;
  if (state === 'stale') return isStale(row, evaluations, now);
  if (state === 'split') return on && [fallthrough, ...rules].some(({ rollout }) => rollout);
  return on === (state === 'on');
}

function hasWords({ key, name, description, tags }: SettingRow, words: readonly string[]): boolean {
  const text = `${key}\n${name}\n${description}\n${tags.join('\n')}`.toLowerCase();
  return words.every((word) => text.includes(word));
}
