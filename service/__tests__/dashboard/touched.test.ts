import { touchedBy } from '../../dashboard/src/touched.js';

describe('what is read again', () => {
  it.each([
    ['change-set.approve', 'production', ['production', 'change-sets']],
    ['environment.freeze', 'staging', ['staging', 'policy']],
    ['environment.create', 'staging', ['environments']],
    ['member.change', null, ['session']],
    ['sdk-key.change', 'production', ['sdk-keys', 'production']],
    ['token.delete', null, ['tokens']],
    ['setting.change', 'staging', ['staging']],
    ['setting.change', null, []],
  ])('after %s in %s is %j', (action, environment, key) => {
    expect(touchedBy([{ action, environment }], 'production')).toContainEqual(key);
  });

  it('is the activity after anything, and nothing twice', () => {
    const step = { action: 'change-set.submit', environment: 'production' };
    expect(touchedBy([step, { ...step, action: 'change-set.approve' }], 'production')).toEqual([
      ['production', 'audit'],
      ['production', 'change-sets'],
      ['production', 'change-set'],
    ]);
  });

  it('leaves what the present environment serves to its changes', () => {
    const actions = [{ action: 'setting.change', environment: 'production' }];
    expect(touchedBy(actions, 'production')).toEqual([['production', 'audit']]);
  });
});
