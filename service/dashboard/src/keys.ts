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
