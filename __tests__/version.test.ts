import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SDK_VERSION } from '../lib/version.js';

it('the version in the code is the one of the package', () => {
  const { version } = JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8'));
  expect(SDK_VERSION).toBe(version);
});
