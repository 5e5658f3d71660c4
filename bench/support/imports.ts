import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median } from './statistics.js';

const PROBE = fileURLToPath(new URL('./start-probe.js', import.meta.url));

/** Median milliseconds that importing takes, each in a new process, in turns. */
export function timeImports(packages: readonly string[], rounds: number): Map<string, number> {
  const taken = new Map(packages.map((name): [string, number[]] => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, times] of taken) {
      times.push(Number(execFileSync(process.execPath, [PROBE, name], { encoding: 'utf8' })));
    }
  }
  return new Map([...taken].map(([name, times]) => [name, median(times)]));
}
