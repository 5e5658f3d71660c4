import { INSTANCE_ID_HEADER, identificationHeaders } from '../lib/headers.js';
import { resolveOptions } from '../lib/options.js';

const headersFor = (options: object) => identificationHeaders(resolveOptions(options, { warn() {} }), 'instance-1');

describe('headers', () => {
  it('name the SDK and the instance, and never hold the SDK key', () => {
    expect(headersFor({})).toEqual({
      'User-Agent': expect.stringMatching(/^FeatheryNodeServer\/\d+\.\d+\.\d+$/),
      [INSTANCE_ID_HEADER]: 'instance-1',
    });
  });

  it('give each client an instance id of its own', () => {
    const options = resolveOptions({}, { warn() {} });
    const ids = [identificationHeaders(options), identificationHeaders(options)].map((h) => h[INSTANCE_ID_HEADER]);
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(ids[0]).not.toBe(ids[1]);
  });

  it('list the tags sorted, with unusable values left out', () => {
    const tags = (application: object) => headersFor({ application })['X-LaunchDarkly-Tags'];
    expect(tags({ versionName: 'v', version: '4.2.0', name: 'n', id: 'shop' })).toBe(
      'application-id/shop application-name/n application-version/4.2.0 application-version-name/v',
    );
    expect(tags({ id: 'a b', version: '1' })).toBe('application-version/1');
    expect(tags({ id: '' })).toBeUndefined();
  });

  it('name the wrapper only when it has a name', () => {
    const wrapper = (options: object) => headersFor(options)['X-LaunchDarkly-Wrapper'];
    expect(wrapper({ wrapperName: 'w' })).toBe('w');
    expect(wrapper({ wrapperName: 'w', wrapperVersion: '1' })).toBe('w/1');
    expect(wrapper({ wrapperVersion: '1' })).toBeUndefined();
  });
});
