/** What the service takes for a key. */
export const KEY_PATTERN = '[A-Za-z0-9][A-Za-z0-9._\\-]*';

/** A key that a name suggests: `New checkout` → `new-checkout`. */
export function keyOf(name: string): string {
  return name
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replace(/[^a-z0-9._]+/g, '-')
    .replace(/^[-._]+|-+$/g, '');
}

/** What an SDK key is called that takes the place of another one: `Mobile backend, 2026-03-01`. */
export function nameOfNextKey(name: string, now: Date): string {
  return `${name.replace(/, \d{4}-\d\d-\d\d$/, '')}, ${now.toISOString().slice(0, 10)}`;
}
