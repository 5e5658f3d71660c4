import type { DataSet, Json } from 'feathery-server-sdk/protocol';
import { environmentsIn, fromDataSet, fromFlagList } from '../src/launchdarkly.js';

function dataSet(settings: Record<string, object>, segments: Record<string, object> = {}): DataSet {
  return { settings, segments } as unknown as DataSet;
}

describe('a data set of LaunchDarkly', () => {
  it('gives settings of the narrowest type, and one environment', () => {
    const { settings, environments, warnings } = fromDataSet(
      dataSet({
        flip: { key: 'flip', version: 7, on: true, variations: [true, false], salt: 's' },
        text: { key: 'text', version: 1, variations: ['a', 'b'] },
        number: { key: 'number', version: 1, variations: [1, 2.5] },
        json: { key: 'json', version: 1, variations: [{ a: 1 }, null] },
        mixed: { key: 'mixed', version: 1, variations: ['a', 1] },
      }),
      'production',
    );
    expect(settings.map(({ key, type }) => [key, type])).toEqual([
      ['flip', 'boolean'],
      ['text', 'string'],
      ['number', 'number'],
      ['json', 'json'],
      ['mixed', 'json'],
    ]);
    expect(environments[0]?.settings.flip).toMatchObject({ on: true, salt: 's', variations: [true, false] });
    expect(warnings).toEqual([]);
  });

  it('keeps what it knows of an item and drops the rest', () => {
    const { environments } = fromDataSet(
      dataSet(
        {
          flip: {
            key: 'flip',
            variations: [true],
            sel: 'x',
            rules: [{ id: 'r', clauses: [], ref: 'y', variation: 0 }],
          },
        },
        { beta: { key: 'beta', included: ['u1'], environmentId: 'z' } },
      ),
      'production',
    );
    const [environment] = environments;
    expect(environment?.settings.flip).not.toHaveProperty('sel');
    expect(environment?.settings.flip?.rules).toEqual([{ id: 'r', clauses: [], variation: 0, trackEvents: false }]);
    expect(environment?.segments.beta).toMatchObject({ key: 'beta', included: ['u1'] });
    expect(environment?.segments.beta).not.toHaveProperty('environmentId');
  });

  it.each([
    ['is deleted', { a: { key: 'a', deleted: true } }, 0],
    ['has no variations', { a: { key: 'a' } }, 1],
    ['has a key that cannot be one here', { 'a b': { key: 'a b', variations: [true] } }, 1],
    ['makes no sense', { a: { key: 'a', variations: [true], rules: 5 } }, 1],
  ])('leaves out a flag that %s', (_, flags, count) => {
    const { settings, environments, warnings } = fromDataSet(dataSet(flags as Record<string, object>), 'production');
    expect([settings, environments[0]?.settings]).toEqual([[], {}]);
    expect(warnings).toHaveLength(count);
  });

  it('warns of a big segment, whose members are elsewhere', () => {
    const { warnings } = fromDataSet(dataSet({}, { big: { key: 'big', unbounded: true } }), 'production');
    expect(warnings[0]).toContain('"big"');
  });
});

describe('a list of flags of the REST API', () => {
  const FLAG: Json = {
    key: 'flip',
    name: 'Flip it',
    description: 'What it does',
    kind: 'boolean',
    tags: ['one', 'not a tag'],
    variations: [
      { _id: '1', value: true, name: 'Yes' },
      { _id: '2', value: false },
    ],
    clientSideAvailability: { usingMobileKey: false, usingEnvironmentId: true },
    environments: {
      production: {
        on: true,
        salt: 'salt',
        offVariation: 1,
        fallthrough: {
          rollout: { kind: 'experiment', variations: [{ variation: 0, weight: 100000, _untracked: true }] },
        },
        targets: [{ variation: 0, values: ['u1'], contextKind: 'user' }],
        rules: [{ _id: 'rule-1', variation: 1, clauses: [{ _id: 'c', attribute: 'plan', op: 'in', values: ['x'] }] }],
        _summary: {},
      },
      test: { on: false, fallthrough: { variation: 0 } },
    },
  };

  it('gives names, tags and every environment that is asked for', () => {
    const { settings, environments } = fromFlagList([FLAG], { production: 'live', test: 'test' });
    expect(settings).toEqual([
      {
        key: 'flip',
        type: 'boolean',
        name: 'Flip it',
        description: 'What it does',
        tags: ['one'],
        variations: [
          { value: true, name: 'Yes', description: '' },
          { value: false, name: '', description: '' },
        ],
      },
    ]);
    expect(environments.map(({ key }) => key)).toEqual(['live', 'test']);
    expect(environments[0]?.settings.flip).toMatchObject({
      on: true,
      salt: 'salt',
      offVariation: 1,
      fallthrough: {
        rollout: { kind: 'experiment', variations: [{ variation: 0, weight: 100000, untracked: true }] },
      },
      targets: [{ variation: 0, values: ['u1'] }],
      rules: [expect.objectContaining({ id: 'rule-1', variation: 1 })],
      clientSideAvailability: { usingMobileKey: false, usingEnvironmentId: true },
    });
    expect(environments[1]?.settings.flip).toMatchObject({ on: false, fallthrough: { variation: 0 } });
  });

  it('names the environments it speaks of', () => {
    expect(environmentsIn([FLAG, { key: 'x' }, 5])).toEqual(['production', 'test']);
  });

  it('leaves out what is archived', () => {
    const { settings, warnings } = fromFlagList([{ ...FLAG, archived: true }], { production: 'production' });
    expect(settings).toEqual([]);
    expect(warnings[0]).toContain('archived');
  });
});
