import {
  CYCLE,
  errorDetail,
  isSameError,
  MALFORMED,
  NO_SUCH_VARIATION,
  newDetail,
  withBigSegment,
} from '../lib/detail.js';

const MALFORMED_KINDS = { CYCLE, MALFORMED, NO_SUCH_VARIATION };

describe('details', () => {
  it.each([
    'CLIENT_NOT_READY',
    'FLAG_NOT_FOUND',
    'MALFORMED_FLAG',
    'USER_NOT_SPECIFIED',
    'WRONG_TYPE',
    'EXCEPTION',
  ] as const)('of the error %s are one object', (errorKind) => {
    expect(errorDetail(errorKind)).toBe(errorDetail(errorKind));
    expect(errorDetail(errorKind)).toStrictEqual({
      value: null,
      variationIndex: null,
      reason: { kind: 'ERROR', errorKind },
    });
  });

  it('of what is malformed look the same from outside and are told apart inside', () => {
    for (const [name, detail] of Object.entries(MALFORMED_KINDS)) {
      expect(detail).toStrictEqual(errorDetail('MALFORMED_FLAG'));
      for (const [other, constant] of Object.entries(MALFORMED_KINDS)) {
        expect([name, other, isSameError(detail, constant)]).toEqual([name, other, name === other]);
        expect([name, other, isSameError(withBigSegment(detail), constant)]).toEqual([name, other, name === other]);
      }
    }
  });

  it('with a big segment say so, and nothing else changes', () => {
    const detail = newDetail('a', 0, { kind: 'FALLTHROUGH', inExperiment: true });
    const marked = withBigSegment(detail);
    expect(marked).toStrictEqual({
      value: 'a',
      variationIndex: 0,
      reason: { ...detail.reason, bigSegmentsStatus: 'NOT_CONFIGURED' },
    });
    expect(withBigSegment(marked)).toBe(marked);
    expect(Object.isFrozen(marked) && Object.isFrozen(marked.reason)).toBe(true);
  });
});
