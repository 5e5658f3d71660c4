// Versions in `ETag` and `If-Match`.

export function etagOf(version: number): string {
  return `"${version}"`;
}

/**
 * The version a change is made for; undefined when any will do. NaN, which no version equals, for anything that this
 * service never gave out.
 *
 * @param ifMatch - The request's `If-Match` header.
 */
export function expectedVersion(ifMatch: string | undefined): number | undefined {
  if (ifMatch === undefined || ifMatch.trim() === '*') return undefined;
  const match = /^(?:W\/)?"(\d{1,15})"$/.exec(ifMatch.trim());
  return match === null ? Number.NaN : Number(match[1]);
}

/** Whether a change that was made for `expected` would overwrite what its author has not seen. */
export function isStale(version: number, expected: number | undefined): boolean {
  return expected !== undefined && expected !== version;
}
