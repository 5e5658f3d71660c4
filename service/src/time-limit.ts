// Patterns that people write (`matches`, JSON Schema's `pattern`) may need longer than anyone waits, and meanwhile the
// process would do nothing else. Node stops them only where they are called by a script with a timeout.
import { createContext, Script } from 'node:vm';
import { Problem } from './problems.js';

/** Far more than an evaluation of all settings needs. */
const LIMIT_MS = 1000;

const SCRIPT = new Script('run()');
/** Where the script finds its work. Made once, as that takes half a millisecond; empty between two calls. */
const globals: { run?: () => unknown } = createContext({});

/**
 * Runs synchronous work and stops it when it takes too long. It must be fit to be stopped anywhere, and cannot catch
 * that.
 *
 * @throws Problem 422 when it was stopped; whatever the work throws.
 */
export function withinTime<T>(run: () => T, limitMs = LIMIT_MS): T {
  globals.run = run;
  try {
    return SCRIPT.runInContext(globals, { timeout: limitMs }) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new Problem('too_slow', `Stopped after ${limitMs} ms: a regular expression takes too long. Make it simpler.`);
  } finally {
    delete globals.run;
  }
}
