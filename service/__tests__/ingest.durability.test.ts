// Exactly once, whenever the process dies: senders repeat what was not acknowledged, as SDKs do, and the sum is exact.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ADMIN_TOKEN, SDK_KEY } from './support/app.js';
import { databaseUrlOf } from './support/every-app.js';
import { buildProgram, type Program, type Running } from './support/process.js';

const ENV = { FEATHERY_ADMIN_TOKEN: ADMIN_TOKEN, FEATHERY_SDK_KEY: SDK_KEY, FEATHERY_LOG_LEVEL: 'silent' };
const SENDERS = 8;
/** Acknowledged payloads after which the process is killed, in each round. */
const ROUNDS = [1, 40, 100];

let program: Program;
let dataDir: string;
beforeAll(() => {
  program = buildProgram();
  dataDir = mkdtempSync(join(tmpdir(), 'feathery-ingest-'));
}, 60_000);
afterAll(() => {
  program.remove();
  rmSync(dataDir, { recursive: true, force: true });
});

const start = async () => {
  const databaseUrl = await databaseUrlOf(dataDir);
  const database = databaseUrl === undefined ? {} : { FEATHERY_DATABASE_URL: databaseUrl };
  return program.start(['serve', '--port', '0', '--data-dir', dataDir], { ...ENV, ...database });
};

function summary() {
  const features = { a: { default: null, contextKinds: ['user'], counters: [{ variation: 0, version: 1, count: 1 }] } };
  return JSON.stringify([{ kind: 'summary', startDate: Date.now(), endDate: Date.now(), features }]);
}

async function send({ address }: Running, id: string): Promise<number> {
  const headers = { authorization: SDK_KEY, 'x-launchdarkly-payload-id': id };
  const answer = await fetch(`${address}/bulk`, { method: 'POST', headers, body: summary() });
  await answer.arrayBuffer();
  return answer.status;
}

/** Sends until the process dies. Returns the payloads that may or may not have been counted. */
async function sendUntilKilled(service: Running, count: number, sent: Set<string>): Promise<string[]> {
  let acknowledged = 0;
  let killed: Promise<unknown> | undefined;
  const unsure: string[] = [];
  const sender = async () => {
    while (killed === undefined) {
      const id = randomUUID();
      sent.add(id);
      const status = await send(service, id).catch(() => undefined);
      if (status === undefined) unsure.push(id);
      else expect(status).toBe(202);
      if (++acknowledged === count) killed = service.end('SIGKILL');
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
  await killed;
  return unsure;
}

it('counts every payload exactly once across kills of the process', async () => {
  const sent = new Set<string>();
  let unsure: string[] = [];
  for (const count of ROUNDS) {
    const service = await start();
    for (const id of unsure) expect(await send(service, id)).toBe(202);
    unsure = await sendUntilKilled(service, count, sent);
  }
  const service = await start();
  for (const id of unsure) expect(await send(service, id)).toBe(202);
  // And once more what was acknowledged long ago.
  for (const id of [...sent].slice(0, 20)) expect(await send(service, id)).toBe(202);

  const answer = await fetch(`${service.address}/api/v1/environments/production/analytics?setting=a`, {
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
  });
  const { settings } = (await answer.json()) as { settings: { total: number }[] };
  expect(settings[0]?.total).toBe(sent.size);
  await service.end('SIGTERM');
}, 60_000);
