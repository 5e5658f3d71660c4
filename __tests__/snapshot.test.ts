import * as feathery from '../lib/index.js';
import { settings, type TestSettings } from '../lib/testing.js';

const ada = { key: 'ada' };

describe('snapshot', () => {
  let data: TestSettings;
  let client: feathery.FeatheryClient;
  beforeEach(() => {
    data = settings({ bool: true, text: 'old', count: 1, object: { a: 1 } });
    client = data.client();
  });
  afterEach(() => client.close());

  it('answers for its user as it was, whatever changes', () => {
    const snapshot = client.snapshot(ada);
    data.set('text', 'new').remove('bool').set('later', 1);
    expect(snapshot.stringVariation('text', '')).toBe('old');
    expect(snapshot.variation('bool', false)).toBe(true);
    expect(snapshot.variation('later', 0)).toBe(0);
    expect(snapshot.user).toBe(ada);
    expect(client.variation('text', ada, '')).toBe('new');
    expect(snapshot.allSettings().allValues()).toEqual({ bool: true, text: 'old', count: 1, object: { a: 1 } });
  });

  it('has all the forms of the client', () => {
    const snapshot = client.snapshot(ada);
    const served = (value: unknown) => ({ value, variationIndex: 0, reason: { kind: 'FALLTHROUGH' } });
    expect(snapshot.variationDetail('bool', false)).toEqual(served(true));
    expect(snapshot.booleanVariation('bool', false)).toBe(true);
    expect(snapshot.booleanVariationDetail('bool', false)).toEqual(served(true));
    expect(snapshot.stringVariationDetail('text', '')).toEqual(served('old'));
    expect(snapshot.numberVariation('count', 0)).toBe(1);
    expect(snapshot.numberVariationDetail('count', 0)).toEqual(served(1));
    expect(snapshot.jsonVariation('object', {})).toEqual({ a: 1 });
    expect(snapshot.jsonVariationDetail('object', {})).toEqual(served({ a: 1 }));
    expect(snapshot.booleanVariationDetail('text', false).reason.errorKind).toBe('WRONG_TYPE');
  });

  it('taken before there is data stays without', async () => {
    const offline = feathery.createClient('', { offline: true });
    const snapshot = offline.snapshot(ada);
    expect(snapshot.variationDetail('bool', false).reason.errorKind).toBe('CLIENT_NOT_READY');
    expect(snapshot.revision).toBeNull();
    await offline.close();
  });

  describe('bound to a request', () => {
    it('answers deep in the call tree, without a client or a user', async () => {
      const deep = async () => {
        await Promise.resolve();
        return [feathery.stringVariation('text', ''), feathery.currentSnapshot()?.user];
      };
      const result = client.runWith(ada, async () => {
        data.set('text', 'new');
        return deep();
      });
      expect(await result).toEqual(['old', ada]);
      expect(client.runWith(ada, () => feathery.variation('text', ''))).toBe('new');
    });

    it('keeps requests apart', async () => {
      const bob = { key: 'bob' };
      const seen = await Promise.all(
        [ada, bob].map((user) =>
          client.runWith(user, async () => {
            await Promise.resolve();
            return feathery.currentSnapshot()?.user;
          }),
        ),
      );
      expect(seen).toEqual([ada, bob]);
    });

    it('hands on what the function returns and throws', () => {
      expect(client.runWith(ada, () => 7)).toBe(7);
      expect(() =>
        client.runWith(ada, () => {
          throw new Error('mine');
        }),
      ).toThrow('mine');
    });

    it('gives the default values outside', () => {
      expect(feathery.currentSnapshot()).toBeUndefined();
      expect([
        feathery.variation('text', 'd'),
        feathery.booleanVariation('bool', false),
        feathery.stringVariation('text', 'd'),
        feathery.numberVariation('count', 0),
        feathery.jsonVariation('object', null),
      ]).toEqual(['d', false, 'd', 0, null]);
      const details = [
        feathery.variationDetail('text', 'd'),
        feathery.booleanVariationDetail('bool', false),
        feathery.stringVariationDetail('text', 'd'),
        feathery.numberVariationDetail('count', 0),
        feathery.jsonVariationDetail('object', null),
      ];
      for (const detail of details) {
        expect(detail).toMatchObject({
          variationIndex: null,
          reason: { kind: 'ERROR', errorKind: 'USER_NOT_SPECIFIED' },
        });
      }
    });

    it('has every form inside', () => {
      client.runWith(ada, () => {
        expect(feathery.variation('bool', false)).toBe(true);
        expect(feathery.booleanVariation('bool', false)).toBe(true);
        expect(feathery.numberVariation('count', 0)).toBe(1);
        expect(feathery.jsonVariation('object', {})).toEqual({ a: 1 });
        expect(feathery.variationDetail('bool', false).value).toBe(true);
        expect(feathery.booleanVariationDetail('bool', false).value).toBe(true);
        expect(feathery.stringVariationDetail('text', '').value).toBe('old');
        expect(feathery.numberVariationDetail('count', 0).value).toBe(1);
        expect(feathery.jsonVariationDetail('object', {}).value).toEqual({ a: 1 });
      });
    });
  });
});
