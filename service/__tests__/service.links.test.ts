import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, createConfig } from '../src/config.js';
import { createLog } from '../src/log.js';
import { type Service, startService } from '../src/service.js';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'feathery-test-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

async function start(config: Partial<Config> = {}): Promise<Service> {
  const passwordCost = { logN: 4, r: 8, p: 1 };
  const edges = { log: createLog('silent'), now: Date.now, random: Math.random, passwordCost };
  return startService({ ...createConfig(), dataDir, port: 0, ...config }, edges);
}

const tokenIn = ({ notices }: Service) => notices.map((line) => /#token=(\S+)$/.exec(line)?.[1]).find(Boolean);

async function useLink(service: Service, use: object) {
  const response = await fetch(`${service.address}/api/v1/session/link/use`, {
    method: 'POST',
    headers: { 'x-feathery-csrf': '1', 'content-type': 'application/json' },
    body: JSON.stringify({ token: tokenIn(service), ...use }),
  });
  return { status: response.status, ...((await response.json()) as { name: string }) };
}

describe('the links that a start prints', () => {
  it('make the first admin, and are not printed any more when there is one', async () => {
    const first = await start();
    expect(first.notices[0]).toMatch(
      /^Become the first admin \(works once\): http:\/\/127\.0\.0\.1:\d+\/setup#token=ftl-/,
    );
    const made = await useLink(first, { email: 'ada@example.test', password: 'a long pass phrase' });
    expect(made).toMatchObject({ status: 201, name: 'ada@example.test' });
    await first.stop();
    const second = await start();
    expect(tokenIn(second)).toBeUndefined();
    await second.stop();
  });

  it('sign in as an admin when the operator asks for that', async () => {
    const service = await start({ signInLink: 'yes' });
    expect(service.notices[0]).toMatch(/^Sign in as an admin \(works once\): http/);
    expect(await useLink(service, {})).toMatchObject({ status: 201, name: 'admin@localhost' });
    expect(await useLink(service, {})).toMatchObject({ status: 410 });
    await service.stop();
  });
});

describe('the keys that a first start prints', () => {
  const printed = ({ notices }: Service) =>
    notices.filter((line) => /^(SDK key of production|Admin token) \(shown this once\): /.test(line));

  it('are printed once', async () => {
    const first = await start();
    expect(printed(first)).toHaveLength(2);
    await first.stop();
    const second = await start();
    expect(printed(second)).toEqual([]);
    await second.stop();
  });

  it('come with the next start when the port of the first was in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    await expect(start({ port: (other.address() as AddressInfo).port })).rejects.toThrow('is in use');
    other.close();
    const service = await start();
    expect(printed(service)).toHaveLength(2);
    await service.stop();
  });
});
