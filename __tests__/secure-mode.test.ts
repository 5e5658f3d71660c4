import { createClient } from '../lib/index.js';
import { secureModeHash } from '../lib/secure-mode.js';

const KEY = 'sdk-example-0001';

describe('secure mode', () => {
  // docs/protocol.md, 8.8
  it.each([
    [{ key: 'alice' }, '15a998b3bebcecfdf380c650ddd0330d3eddb566689f518ddf192bc07fb7a2d1'],
    [{ kind: 'user', key: 'alice' }, '15a998b3bebcecfdf380c650ddd0330d3eddb566689f518ddf192bc07fb7a2d1'],
    [{ kind: 'org', key: 'acme:eu' }, '79148a0446276eff3591ddb120c3a244150700cd6adecac220333ab007ee7968'],
    [
      { kind: 'multi', user: { key: 'alice' }, org: { key: 'acme' } },
      '29203d6b3fd7b94a97382a6346f49368f928282b2a23e271cc0c9617d476fade',
    ],
  ] as const)('gives %j its hash', (context, hash) => {
    expect(secureModeHash(KEY, context as never)).toBe(hash);
  });

  it('allows the empty key of a plain user, and refuses what is no context', () => {
    expect(secureModeHash(KEY, { key: '' })).toMatch(/^[0-9a-f]{64}$/);
    for (const context of [undefined, null, {}, { kind: 'user', key: '' }]) {
      expect(() => secureModeHash(KEY, context as never)).toThrow(expect.objectContaining({ code: 'INVALID_CONTEXT' }));
    }
  });

  it('uses the key of the client', async () => {
    const client = createClient(KEY, { offline: true });
    expect(client.secureModeHash({ key: 'alice' })).toBe(secureModeHash(KEY, { key: 'alice' }));
    await client.close();
  });
});
