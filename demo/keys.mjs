// The demo's own copies of its keys: the service stores keys hashed, so it could not tell them at the second start.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { StartError } from '../service/dist/start-error.js';

/** Reads what an earlier start wrote, or makes new keys. Keys given from outside win and are not written down. */
export function openKeys({ dataDir, adminToken, sdkKey }) {
  const file = join(resolve(dataDir), 'demo.json');
  const stored = read(file) ?? write(file, { adminToken: newKey('adm'), sdkKey: newKey('sdk'), seeded: false });
  return {
    adminToken: adminToken ?? stored.adminToken,
    sdkKey: sdkKey ?? stored.sdkKey,
    seeded: stored.seeded,
    markSeeded: () => write(file, { ...stored, seeded: true }),
  };
}

function newKey(prefix) {
  return `${prefix}-${randomBytes(18).toString('base64url')}`;
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    // What is wrong with the folder shows when it is written to.
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw new StartError(`${file} cannot be read (${error.message}). Delete it to get new demo keys.`);
  }
}

function write(file, keys) {
  try {
    mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 });
    writeFileSync(`${file}.new`, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
    return keys;
  } catch (error) {
    throw new StartError(
      `The data folder cannot be written (${error.code}): ${join(file, '..')}. Change its rights, or name another with --data-dir.`,
    );
  }
}
