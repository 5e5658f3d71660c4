import { Emitter } from '../lib/emitter.js';

function make() {
  const reported: string[] = [];
  const emitter = new Emitter<{ a: [number]; b: [] }>((error, name) => reported.push(`${name}: ${error}`));
  return { emitter, reported };
}

describe('emitter', () => {
  it('calls listeners in the order they were added, and says whether there were any', () => {
    const { emitter } = make();
    const heard: string[] = [];
    emitter.add('a', (n) => heard.push(`first ${n}`));
    emitter.add('a', (n) => heard.push(`second ${n}`));
    expect(emitter.emit('a', 1)).toBe(true);
    expect(emitter.emit('b')).toBe(false);
    expect(heard).toEqual(['first 1', 'second 1']);
  });

  it('forgets a listener that was to be called once, before it calls it', () => {
    const { emitter } = make();
    let calls = 0;
    emitter.add(
      'a',
      () => {
        calls++;
        if (calls < 5) emitter.emit('a', 2);
      },
      true,
    );
    emitter.emit('a', 1);
    expect(calls).toBe(1);
    expect(emitter.hasAny((name) => name === 'a')).toBe(false);
  });

  it('removes the listener that was added last, once for each call', () => {
    const { emitter } = make();
    let calls = 0;
    const listener = () => calls++;
    emitter.add('a', listener);
    emitter.add('a', listener);
    emitter.remove('a', listener);
    emitter.emit('a', 1);
    emitter.remove('a', listener);
    emitter.remove('a', listener);
    emitter.emit('a', 1);
    expect(calls).toBe(1);
  });

  it('reports what a listener throws or rejects with, and calls the next', async () => {
    const { emitter, reported } = make();
    const heard: number[] = [];
    emitter.add('a', () => {
      throw new Error('thrown');
    });
    emitter.add('a', async () => {
      throw new Error('rejected');
    });
    emitter.add('a', (n) => heard.push(n));
    emitter.emit('a', 1);
    await Promise.resolve();
    expect(heard).toEqual([1]);
    expect(reported).toEqual(['a: Error: thrown', 'a: Error: rejected']);
  });

  it('keeps the list it began with when a listener changes it', () => {
    const { emitter } = make();
    const heard: string[] = [];
    emitter.add('a', () => emitter.add('a', () => heard.push('late')));
    emitter.emit('a', 1);
    expect(heard).toEqual([]);
  });

  it('lets only the subscriber end its subscription', () => {
    const { emitter } = make();
    let calls = 0;
    const listener = () => calls++;
    const unsubscribe = emitter.subscribe('a', listener);
    emitter.remove('a', listener);
    emitter.emit('a', 1);
    unsubscribe();
    emitter.emit('a', 1);
    expect(calls).toBe(1);
  });
});
