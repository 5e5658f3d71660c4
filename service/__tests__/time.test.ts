import { isoTime, isoTimeOrNull, parseTime, parseTimeOrNull } from '../src/time.js';

describe('times', () => {
  it('go out as ISO 8601 and come back as they were', () => {
    expect(isoTime(0)).toBe('1970-01-01T00:00:00.000Z');
    expect(parseTime(isoTime(1_234_567_890_123), '/at')).toBe(1_234_567_890_123);
    expect([isoTimeOrNull(null), parseTimeOrNull(null, '/at')]).toEqual([null, null]);
  });

  it.each([
    ['2030-01-31T12:00Z', '2030-01-31T12:00:00.000Z'],
    ['2030-01-31T12:00:00+02:00', '2030-01-31T10:00:00.000Z'],
    ['2030-01-31T12:00:00.5Z', '2030-01-31T12:00:00.500Z'],
  ])('like %s are understood', (text, iso) => {
    expect(isoTime(parseTime(text, '/at'))).toBe(iso);
  });

  it.each(['', '1', '2030-01-31', '2030-01-31T12:00:00', '2030-13-01T00:00:00Z', 'Tue, 01 Jan 2030 00:00:00 GMT'])(
    'like %p are refused with the pointer',
    (text) => {
      expect(() => parseTime(text, '/at')).toThrow(
        expect.objectContaining({ status: 422, members: expect.objectContaining({ pointer: '/at' }) }),
      );
    },
  );
});
