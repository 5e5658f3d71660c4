import fc from 'fast-check';
import { LRUCache } from 'lru-cache';
import { type Context, canonicalKey } from '../lib/context.js';
import { type Seen, SeenContexts } from '../lib/seen-contexts.js';

function seenContexts(max: number): SeenContexts {
  return new SeenContexts(
    new LRUCache<string, Seen>({
      max,
      dispose: (seen) => {
        seen.forgotten = true;
      },
    }),
  );
}

const user = (key: string) => ({ key });
const multi = (userKey: string, orgKey: string) => ({ kind: 'multi', user: { key: userKey }, org: { key: orgKey } });
const turned = (userKey: string, orgKey: string) => ({ kind: 'multi', org: { key: orgKey }, user: { key: userKey } });

/** Whether each context had been seen. */
const see = (seen: SeenContexts, ...contexts: object[]) => contexts.map((context) => seen.see(context as Context));

describe('SeenContexts', () => {
  it('knows a context by its canonical key', () => {
    const seen = seenContexts(10);
    expect(see(seen, user('a'), { kind: 'user', key: 'a', more: 1 }, { kind: 'org', key: 'a' })).toEqual([
      false,
      true,
      false,
    ]);
    expect(see(seen, { kind: 'org', key: 'a' }, { kind: 'multi', org: { key: 'a' } })).toEqual([true, true]);
    expect(see(seen, { kind: 'multi', user: { key: 'a' } })).toEqual([true]);
  });

  it('tells contexts of one kind apart that have the same key', () => {
    const seen = seenContexts(10);
    const odd = [
      user('a'),
      { kind: 'org', key: 'a' },
      { kind: 'team', key: 'a' },
      { key: 7 },
      { kind: 'org', key: '7' },
    ];
    expect(see(seen, ...odd, ...odd)).toEqual([...odd.map(() => false), ...odd.map(() => true)]);
  });

  it('knows a multi-kind context in any order of its kinds', () => {
    const seen = seenContexts(10);
    expect(see(seen, multi('u', 'o'), turned('u', 'o'), multi('u', 'o'))).toEqual([false, true, true]);
    expect(see(seen, multi('u', 'p'), multi('v', 'o'), turned('u', 'p'), multi('u', 'o'))).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  it('tells multi-kind contexts apart whose keys only look alike', () => {
    const seen = seenContexts(10);
    const odd = [
      { kind: 'multi', user: { key: 'a' }, org: { key: 'b' } },
      { kind: 'multi', user: { key: 'a' }, team: { key: 'b' } },
      { kind: 'multi', user: { key: 'a' }, org: { key: 'b' }, team: { key: 'c' } },
      { kind: 'multi', team: { key: 'a' }, org: { key: 'b' } },
      { kind: 'multi', user: { key: 'a:org:b' }, team: { key: 'x' } },
    ];
    expect(see(seen, ...odd, ...odd)).toEqual([...odd.map(() => false), ...odd.map(() => true)]);
  });

  it('looks at a context anew each time: the application may have changed it', () => {
    const seen = seenContexts(10);
    const context = multi('u', 'o');
    see(seen, context);
    context.org.key = 'p';
    expect(see(seen, context)).toEqual([false]);
  });

  it('forgets the least recently seen when there are too many', () => {
    const seen = seenContexts(2);
    see(seen, multi('u', 'o'), user('b'), multi('u', 'o'), user('c'));
    expect(see(seen, multi('u', 'o'))).toEqual([true]);
    expect(see(seen, user('b'))).toEqual([false]);
    expect(see(seen, user('d'), multi('u', 'o'))).toEqual([false, false]);
  });

  it('takes what was added later for more recent than what was seen again before', () => {
    const seen = seenContexts(3);
    see(seen, user('a'), user('a'), user('b'), user('c'), user('d'));
    expect(see(seen, user('b'), user('c'), user('d'), user('a'))).toEqual([true, true, true, false]);
  });

  it('forgets everything when it is cleared', () => {
    const seen = seenContexts(10);
    see(seen, user('a'), multi('u', 'o'));
    seen.clear();
    expect(see(seen, user('a'), multi('u', 'o'))).toEqual([false, false]);
  });

  it('counts as hits what it was asked about, not what was only added', () => {
    const seen = seenContexts(10);
    seen.add(user('a'));
    seen.add(user('a'));
    see(seen, user('a'), user('b'), user('b'));
    expect(seen.hits).toBe(2);
  });

  it('answers like a plain LRU, whatever is asked in whatever order', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd');
    const context = fc.oneof(
      fc.record({ key }),
      fc.record({ kind: fc.constantFrom('user', 'org', 'team'), key }),
      fc.tuple(key, key).map(([one, other]) => multi(one, other)),
      fc.tuple(key, key).map(([one, other]) => turned(one, other)),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.array(context, { maxLength: 200 }), (max, contexts) => {
        const seen = seenContexts(max);
        const plain = new LRUCache<string, true>({ max });
        for (const one of contexts) {
          const canonical = canonicalKey(one as Context);
          expect(seen.see(one as Context)).toBe(plain.get(canonical) === true);
          plain.set(canonical, true);
        }
      }),
      { numRuns: 300 },
    );
  });
});
