import { describeReason, isPersonal } from '../../dashboard/src/reasons.js';

const SPLIT = { rollout: { variations: [{ variation: 0, weight: 100_000 }] } };

describe('describeReason', () => {
  it.each([
    [{ kind: 'OFF' }, 'the setting is off'],
    [{ kind: 'TARGET_MATCH' }, 'an override'],
    [{ kind: 'RULE_MATCH', ruleIndex: 1 }, 'rule 2'],
    [{ kind: 'FALLTHROUGH' }, 'no rule fits'],
    [{ kind: 'PREREQUISITE_FAILED', prerequisiteKey: 'sso' }, 'it needs sso, which serves something else'],
    [{ kind: 'ERROR', errorKind: 'FLAG_NOT_FOUND' }, 'there was no such setting; servers use their own default'],
    [{ kind: 'ERROR', errorKind: 'SOMETHING_NEW' }, 'servers use their own default'],
  ])('says of %j: %s', (reason, words) => {
    expect(describeReason(reason)).toBe(words);
  });

  it('tells a share of a split from what everybody gets', () => {
    const serving = { fallthrough: SPLIT, rules: [SPLIT] };
    expect(describeReason({ kind: 'FALLTHROUGH' }, serving)).toBe('their share of the split');
    expect(describeReason({ kind: 'RULE_MATCH', ruleIndex: 0 }, serving)).toBe('rule 1, their share of its split');
    expect(isPersonal({ kind: 'FALLTHROUGH' }, serving)).toBe(true);
    expect(isPersonal({ kind: 'FALLTHROUGH' }, { fallthrough: { variation: 0 } })).toBe(false);
  });
});
