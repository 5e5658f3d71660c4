import { randomUUID } from 'node:crypto';
import type { ResolvedOptions } from './options.js';
import { SDK_NAME, SDK_VERSION } from './version.js';

/** Tells one running client from another; the same in all its requests. See docs/protocol.md, 8.3. */
export const INSTANCE_ID_HEADER = 'X-LaunchDarkly-Instance-Id';

/** Sent in the order of the tag names, as the protocol asks (8.3). */
const TAGS = [
  ['application-id', 'id'],
  ['application-name', 'name'],
  ['application-version', 'version'],
  ['application-version-name', 'versionName'],
] as const;

/** Headers that say who is asking, in every request of one client. `Authorization` is not among them: keys rotate. */
export type IdentificationHeaders = Readonly<Record<string, string>>;

/** @param instanceId - Made once for each client. */
export function identificationHeaders(
  options: ResolvedOptions,
  instanceId: string = randomUUID(),
): IdentificationHeaders {
  const headers: Record<string, string> = {
    'User-Agent': `${SDK_NAME}/${SDK_VERSION}`,
    [INSTANCE_ID_HEADER]: instanceId,
  };
  const { wrapperName, wrapperVersion } = options;
  if (wrapperName !== undefined) {
    headers['X-LaunchDarkly-Wrapper'] = wrapperVersion === undefined ? wrapperName : `${wrapperName}/${wrapperVersion}`;
  }
  const tags = TAGS.flatMap(([tag, field]) => {
    const value = options.application[field];
    return value === undefined ? [] : [`${tag}/${value}`];
  });
  if (tags.length > 0) headers['X-LaunchDarkly-Tags'] = tags.join(' ');
  return Object.freeze(headers);
}
