import { createClient } from '../lib/index.js';
import { inSegment, segment, setting, settings } from '../lib/testing.js';

const ada = { key: 'ada' };
const bob = { key: 'bob' };

describe('settings of a test', () => {
  it('are there at once, without a wait', async () => {
    const client = settings({ 'new-nav': true, limit: 10 }).client();
    expect(client.variation('new-nav', ada, false)).toBe(true);
    expect(client.numberVariation('limit', ada, 0)).toBe(10);
    expect(client.initialized()).toBe(true);
    expect(client.status()).toMatchObject({ state: 'ready', source: 'test', dataAgeMs: 0 });
    await client.waitForInitialization({ timeoutMs: 1 });
    await client.close();
  });

  it('reach every client on them before the call that changes them returns', async () => {
    const data = settings({ a: 1 });
    const clients = [data.client(), createClient('key', { dataSource: data })];
    const heard: string[] = [];
    clients[0]?.on('update', ({ key }) => heard.push(key));
    await Promise.resolve();
    data.set('a', 2);
    expect(clients.map((client) => client.variation('a', ada, 0))).toEqual([2, 2]);
    expect(heard).toEqual(['a']);
    data.remove('a');
    expect(clients.map((client) => client.variation('a', ada, 0))).toEqual([0, 0]);
    data.set('a', 3);
    expect(clients.map((client) => client.variation('a', ada, 0))).toEqual([3, 3]);
    await Promise.all(clients.map((client) => client.close()));
    data.set('a', 4);
    expect(clients.map((client) => client.variation('a', ada, 0))).toEqual([3, 3]);
  });

  it('open no handle', () => {
    const before = process.getActiveResourcesInfo();
    const client = settings({ a: true }).client();
    client.variation('a', ada, false);
    client.track('event', ada);
    expect(process.getActiveResourcesInfo()).toEqual(before);
    return client.close();
  });

  describe('made by builders', () => {
    const value = (builder: ReturnType<typeof setting>, user: { key: string; [name: string]: unknown }) => {
      const client = settings({ a: builder }).client();
      const detail = client.variationDetail('a', user, 'default');
      void client.close();
      return [detail.value, detail.reason.kind];
    };

    it('serve the first variation, or the one they are told to', () => {
      expect(value(setting('x', 'y'), ada)).toEqual(['x', 'FALLTHROUGH']);
      expect(value(setting('x', 'y').serve('y'), ada)).toEqual(['y', 'FALLTHROUGH']);
      expect(value(setting('x').serve({ more: 1 }), ada)).toEqual([{ more: 1 }, 'FALLTHROUGH']);
    });

    it('can be off', () => {
      expect(value(setting('x', 'y').off(), ada)).toEqual(['default', 'OFF']);
      expect(value(setting('x', 'y').off().offServes('y'), ada)).toEqual(['y', 'OFF']);
    });

    it('single out users and other kinds, in the order given', () => {
      const targeted = setting('x', 'y', 'z')
        .target('y', 'ada')
        .targetKind('organization', 'z', 'acme')
        .target('y', 'bob');
      expect(value(targeted, ada)).toEqual(['y', 'TARGET_MATCH']);
      expect(value(targeted, bob)).toEqual(['y', 'TARGET_MATCH']);
      const both = (key: string) => ({ kind: 'multi', user: { key }, organization: { key: 'acme' } }) as never;
      expect(value(targeted, both('ada'))).toEqual(['y', 'TARGET_MATCH']);
      expect(value(targeted, both('cleo'))).toEqual(['z', 'TARGET_MATCH']);
    });

    it('follow rules and segments', () => {
      const french = { attribute: 'country', op: 'in', values: ['FR'] };
      expect(value(setting('x', 'y').rule([french], 'y'), { ...ada, country: 'FR' })).toEqual(['y', 'RULE_MATCH']);
      const data = settings({ a: setting('x', 'y').rule([inSegment('beta')], 'y') });
      const client = data.client();
      expect(client.variation('a', ada, '')).toBe('x');
      data.setSegment('beta', ['ada']);
      expect(client.variation('a', ada, '')).toBe('y');
      data.setSegment('beta', segment().rule([french]).exclude('ada').includeKind('organization', 'acme'));
      expect(client.variation('a', { ...ada, country: 'FR' }, '')).toBe('x');
      expect(client.variation('a', { ...bob, country: 'FR' }, '')).toBe('y');
      expect(client.variation('a', { kind: 'organization', key: 'acme' }, '')).toBe('y');
      void client.close();
    });

    it('split by shares in percent', () => {
      const shares = (of: ReturnType<typeof setting>) => {
        const client = settings({ a: of }).client();
        const values = Array.from({ length: 400 }, (_, n) => client.variation('a', { key: `u${n}`, team: 'one' }, ''));
        void client.close();
        return values.filter((v) => v === 'y').length;
      };
      const split = [
        ['x', 75],
        ['y', 25],
      ] as const;
      expect(shares(setting('x', 'y').split(split))).toBeGreaterThan(60);
      expect(shares(setting('x', 'y').split(split))).toBeLessThan(140);
      expect([0, 400]).toContain(shares(setting('x', 'y').split(split, { by: 'team' })));
      expect(shares(setting('x').splitRule([], [['y', 100]]))).toBe(400);
    });

    it('mark experiments', () => {
      const client = settings({ a: setting('x').split([['x', 100]], { experiment: true }) }).client();
      expect(client.variationDetail('a', ada, '').reason).toEqual({ kind: 'FALLTHROUGH', inExperiment: true });
      void client.close();
    });

    it('can require other settings', () => {
      const data = settings({ base: false });
      data.set('a', setting('x', 'y').requires('base', true).offServes('y'));
      const client = data.client();
      expect(client.variationDetail('a', ada, '')).toMatchObject({
        value: 'y',
        reason: { kind: 'PREREQUISITE_FAILED', prerequisiteKey: 'base' },
      });
      data.set('base', true);
      expect(client.variation('a', ada, '')).toBe('x');
      void client.close();
    });
  });
});
