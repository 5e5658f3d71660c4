// `npm test`: prepares the clone, runs Jest (arguments are passed on) and ends with one line of totals.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './parts.mjs';
import { prepare, runScript, SetupError } from './prepare.mjs';

/** Some tests start databases and browsers: more workers than this wait for each other on a small machine. */
const WORKERS = 2;
/** Jest's own 5 s are too short for databases and browsers on a busy machine. */
const TEST_TIMEOUT_MS = 30_000;
/** A worker that has run a hundred suites may need more than Jest's half second to end; one that needs this was left busy. */
const WORKER_ENDS_WITHIN_MS = 10_000;
/** Jest writes its results and then ends; what still runs after this long was left open by a test. */
const END_WITHIN_MS = 20_000;

/** What is said when it does not even come to the tests. */
let totals = '0 passed, 1 failed';

await runScript(async () => {
  await prepare();
  const folder = mkdtempSync(join(tmpdir(), 'feathery-test-'));
  try {
    const resultFile = join(folder, 'results.json');
    const code = await runJest(resultFile, process.argv.slice(2));
    if (!existsSync(resultFile)) throw new SetupError(`Jest ended with code ${code} before it had any result.`);
    const counts = count(JSON.parse(readFileSync(resultFile, 'utf8')));
    totals = `${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`;
    process.exitCode = counts.failed > 0 ? 1 : code;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
console.log(totals);

function runJest(resultFile, args) {
  const jest = join(ROOT, 'node_modules/jest/bin/jest.js');
  const limits = [
    `--maxWorkers=${WORKERS}`,
    `--testTimeout=${TEST_TIMEOUT_MS}`,
    `--workerGracefulExitTimeout=${WORKER_ENDS_WITHIN_MS}`,
  ];
  const options = [...limits, '--json', `--outputFile=${resultFile}`, ...args];
  return new Promise((resolve, reject) => {
    // Jest prints the whole JSON on standard output too; what people read goes to standard error.
    const child = spawn(process.execPath, [jest, ...options], { cwd: ROOT, stdio: ['inherit', 'ignore', 'inherit'] });
    let endBy;
    const watch = setInterval(() => {
      if (!existsSync(resultFile)) return;
      endBy ??= Date.now() + END_WITHIN_MS;
      if (Date.now() > endBy) {
        console.error('Jest has its results and does not end: a test left something open.');
        child.kill('SIGKILL');
      }
    }, 500);
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(watch);
      resolve(code ?? 1);
    });
  });
}

/** A test file that could not run at all counts as one failure. */
function count(results) {
  return {
    passed: results.numPassedTests,
    failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
    skipped: results.numPendingTests + results.numTodoTests,
  };
}
