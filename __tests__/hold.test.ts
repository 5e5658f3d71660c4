import { holdProcess } from '../lib/hold.js';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

describe('hold', () => {
  it('has a timer until the promise resolves', async () => {
    let resolve: (value: number) => void = () => {};
    const promise = new Promise<number>((settle) => {
      resolve = settle;
    });
    const held = holdProcess(promise);
    expect(jest.getTimerCount()).toBe(1);
    resolve(7);
    await expect(held).resolves.toBe(7);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('has none once the promise has rejected', async () => {
    await expect(holdProcess(Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(jest.getTimerCount()).toBe(0);
  });
});
