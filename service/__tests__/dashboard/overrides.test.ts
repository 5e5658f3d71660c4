import { overridesOf, setKey, setKeys, toTargets } from '../../dashboard/src/overrides.js';

const ACME = { kind: 'organization', variation: 0, keys: ['acme'] };
const ADA = { kind: 'user', variation: 1, keys: ['ada'] };

describe('overrides', () => {
  it('have users in the place of their placeholder', () => {
    const item = {
      targets: [{ variation: 1, values: ['ada'] }],
      contextTargets: [
        { contextKind: 'user', variation: 1, values: [] },
        { contextKind: 'organization', variation: 0, values: ['acme'] },
      ],
    };
    expect(overridesOf(item)).toEqual([ADA, ACME]);
    expect(toTargets(overridesOf(item))).toEqual([
      { contextKind: 'user', variation: 1, values: ['ada'] },
      { contextKind: 'organization', variation: 0, values: ['acme'] },
    ]);
  });

  it('have users without a placeholder last', () => {
    expect(overridesOf({ targets: [{ variation: 1, values: ['ada'] }], contextTargets: [] })).toEqual([ADA]);
  });

  it('take a key out of the list it was in', () => {
    expect(setKey([ACME], 'organization', 'acme', 1)).toEqual([
      { ...ACME, keys: [] },
      { kind: 'organization', variation: 1, keys: ['acme'] },
    ]);
    expect(setKeys([ACME, ADA], 'organization', 1, ['acme', 'globex'])).toEqual([
      { ...ACME, keys: [] },
      ADA,
      { kind: 'organization', variation: 1, keys: ['acme', 'globex'] },
    ]);
  });

  it('forget a key that gets nothing of its own any more', () => {
    expect(toTargets(setKey([ACME, ADA], 'user', 'ada', undefined))).toEqual(toTargets([ACME]));
  });
});
