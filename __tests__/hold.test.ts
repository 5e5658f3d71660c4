import { holdProcess } from '../lib/hold.js';

/** Handles that keep this process alive and are timers. */
const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

describe('hold', () => {
  it('keeps the process alive until the promise resolves', async () => {
    const before = timers();
    let resolve: (value: number) => void = () => {};
    const held = holdProcess(
      new Promise<number>((settle) => {
        resolve = settle;
      }),
    );
    expect(timers()).toBe(before + 1);
    resolve(7);
    await expect(held).resolves.toBe(7);
    expect(timers()).toBe(before);
  });

  it('lets go when the promise rejects', async () => {
    const before = timers();
    await expect(holdProcess(Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(timers()).toBe(before);
  });
});
