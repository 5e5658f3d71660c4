import { WriteQueue } from '../src/write-queue.js';

const later = () => {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
};

describe('write queue', () => {
  it('runs one task after another, in the order asked for', async () => {
    const queue = new WriteQueue(10);
    const gate = later();
    const seen: string[] = [];
    const first = queue.run(async () => {
      seen.push('first begins');
      await gate.promise;
      seen.push('first ends');
    });
    const second = queue.run(async () => seen.push('second'));
    await Promise.resolve();
    expect(seen).toEqual(['first begins']);
    gate.resolve();
    await Promise.all([first, second]);
    expect(seen).toEqual(['first begins', 'first ends', 'second']);
  });

  it('goes on after a task that fails, and tells only its caller', async () => {
    const queue = new WriteQueue(10);
    const failing = queue.run(() => Promise.reject(new Error('no')));
    const next = queue.run(async () => 'yes');
    await expect(failing).rejects.toThrow('no');
    await expect(next).resolves.toBe('yes');
  });

  it('refuses what would have to wait behind too many', async () => {
    const queue = new WriteQueue(2);
    const gate = later();
    const running = [queue.run(() => gate.promise), queue.run(() => gate.promise)];
    await expect(queue.run(async () => {})).rejects.toMatchObject({ code: 'busy', status: 503 });
    gate.resolve();
    await Promise.all(running);
    await expect(queue.run(async () => 'room again')).resolves.toBe('room again');
  });

  it('is drained when all that was asked for has ended', async () => {
    const queue = new WriteQueue(10);
    const seen: number[] = [];
    for (const number of [1, 2, 3]) void queue.run(async () => seen.push(number));
    await queue.drain();
    expect(seen).toEqual([1, 2, 3]);
  });
});
