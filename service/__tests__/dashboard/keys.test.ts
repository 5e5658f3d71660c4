import { keyOf, nameOfNextKey } from '../../dashboard/src/keys.js';

describe('a key for a name', () => {
  it('has only what keys may have', () => {
    expect(keyOf('New checkout')).toBe('new-checkout');
    expect(keyOf(' Größe: 2.5 m ')).toBe('grosse-2.5-m');
  });
});

describe('the name of an SDK key that takes the place of another one', () => {
  it('has one date, that of the day', () => {
    const now = new Date('2026-03-01T23:00:00Z');
    expect(nameOfNextKey('Mobile backend', now)).toBe('Mobile backend, 2026-03-01');
    expect(nameOfNextKey('Mobile backend, 2025-11-23', now)).toBe('Mobile backend, 2026-03-01');
  });
});
