/**
 * A clock that only goes forward: when the one below is set back, it goes on from where it was. For measuring how long
 * something takes; not for telling the time.
 */
export function createSteadyClock(now: () => number): () => number {
  let last = now();
  let behind = 0;
  return () => {
    const present = now();
    if (present + behind < last) behind = last - present;
    last = present + behind;
    return last;
  };
}
