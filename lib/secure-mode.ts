import { createHmac } from 'node:crypto';
import { type Context, canonicalKey, contextProblem } from './context.js';
import { FeatheryError } from './errors.js';

/**
 * Proves to client-side code that the server vouches for this context: HMAC-SHA-256 of its canonical key, in hex.
 *
 * @throws FeatheryError `INVALID_CONTEXT`
 * @see docs/protocol.md, section 8.8
 */
export function secureModeHash(sdkKey: string, context: Context): string {
  const problem = contextProblem(context);
  if (problem !== undefined)
    throw new FeatheryError('INVALID_CONTEXT', `There is no hash for this context: ${problem}.`);
  return createHmac('sha256', sdkKey).update(canonicalKey(context), 'utf8').digest('hex');
}
