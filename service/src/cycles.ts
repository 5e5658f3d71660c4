// Things that need each other in a circle. Pure.

const MAX_NAMED = 20;

/**
 * A cycle that can be reached from `starts`: it begins and ends with one of them if any is on it. Undefined when there is
 * none. All are looked through in one pass, so that thousands that need each other are each looked at once.
 *
 * @param needs - The keys that a key needs directly.
 */
export function findCycle(
  starts: readonly string[],
  needs: (key: string) => readonly string[],
): readonly string[] | undefined {
  const done = new Set<string>();
  // What is being looked at, each needed by the one before, with those of its needs that are still to be looked at. Not
  // recursive: a chain may be as long as there are items.
  const chain = new Map<string, string[]>();
  const path: string[] = [];
  const enter = (key: string) => {
    if (done.has(key)) return;
    chain.set(key, [...needs(key)].reverse());
    path.push(key);
  };
  for (const start of starts) {
    enter(start);
    for (let key = path.at(-1); key !== undefined; key = path.at(-1)) {
      const needed = chain.get(key)?.pop();
      if (needed === undefined) {
        path.pop();
        chain.delete(key);
        done.add(key);
      } else if (chain.has(needed)) {
        return closed(path.slice(path.indexOf(needed)), new Set(starts));
      } else {
        enter(needed);
      }
    }
  }
  return undefined;
}

/** `a → b → a`; the middle of a long one is left out. */
export function cycleText(cycle: readonly string[]): string {
  const named = cycle.length > MAX_NAMED ? [...cycle.slice(0, MAX_NAMED - 2), '…', ...cycle.slice(-2)] : cycle;
  return named.join(' → ');
}

function closed(cycle: readonly string[], starts: ReadonlySet<string>): readonly string[] {
  const at = Math.max(
    0,
    cycle.findIndex((key) => starts.has(key)),
  );
  return [...cycle.slice(at), ...cycle.slice(0, at + 1)];
}
