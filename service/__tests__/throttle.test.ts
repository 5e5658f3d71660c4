import { Throttle, throttleKey } from '../src/throttle.js';

const LIMIT = { burst: 3, intervalMs: 1000 };

function takeAll(throttle: Throttle, key: string, now: number): void {
  while (throttle.take(key, now) === 0);
}

describe('throttle', () => {
  it('lets a burst through and then says how long to wait', () => {
    const throttle = new Throttle(LIMIT, 10);
    expect([1, 2, 3, 4].map(() => throttle.take('a', 0))).toEqual([0, 0, 0, 1000]);
    expect(throttle.take('a', 400)).toBe(600);
  });

  it('gives one try back each interval, up to the burst', () => {
    const throttle = new Throttle(LIMIT, 10);
    takeAll(throttle, 'a', 0);
    expect(throttle.take('a', 1000)).toBe(0);
    expect(throttle.take('a', 1000)).toBe(1000);
    expect([1, 2, 3, 4].map(() => throttle.take('a', 1_000_000))).toEqual([0, 0, 0, 1000]);
  });

  it('counts each key by itself', () => {
    const throttle = new Throttle(LIMIT, 10);
    takeAll(throttle, 'a', 0);
    expect(throttle.take('b', 0)).toBe(0);
  });

  it('forgets a key on request', () => {
    const throttle = new Throttle(LIMIT, 10);
    takeAll(throttle, 'a', 0);
    throttle.forget('a');
    expect(throttle.take('a', 0)).toBe(0);
  });

  it('is not confused by a clock set back', () => {
    const throttle = new Throttle(LIMIT, 10);
    takeAll(throttle, 'a', 5000);
    expect(throttle.take('a', 0)).toBe(1000);
    expect(throttle.take('a', 1000)).toBe(0);
  });

  it('remembers the keys used last, up to its capacity', () => {
    const throttle = new Throttle(LIMIT, 2);
    takeAll(throttle, 'a', 0);
    takeAll(throttle, 'b', 0);
    expect(throttle.take('a', 0)).toBe(1000);
    throttle.take('c', 0);
    expect(throttle.take('a', 0)).toBe(1000);
    expect(throttle.take('b', 0)).toBe(0);
  });
});

describe('throttleKey', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002:ffff::1', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('of %s is %s', (address, key) => {
    expect(throttleKey(address)).toBe(key);
  });
});
