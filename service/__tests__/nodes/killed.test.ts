import { createClient, type FeatheryClient } from 'feathery-server-sdk';
import { ADMIN_TOKEN, SDK_KEY } from '../support/app.js';
import { Balancer } from '../support/balancer.js';
import { eventually } from '../support/nodes.js';
import { describeWithPostgres } from '../support/postgres.js';
import { buildProgram, type Program, type Running } from '../support/process.js';

jest.setTimeout(120_000);

const CLIENTS = 30;
const CHANGES = 60;
/** Acknowledged changes before one of the three nodes is killed. */
const BEFORE = 20;
const SETTING = '/api/v1/environments/production/settings/count';

describeWithPostgres('a node killed under load', (postgres) => {
  let program: Program;
  let nodes: Running[];
  let balancer: Balancer;
  let clients: FeatheryClient[];
  let interruptions = 0;
  const logger = { error() {}, warn: () => interruptions++, info() {}, debug() {} };
  beforeAll(async () => {
    program = buildProgram();
    const env = {
      FEATHERY_ADMIN_TOKEN: ADMIN_TOKEN,
      FEATHERY_SDK_KEY: SDK_KEY,
      FEATHERY_LOG_LEVEL: 'silent',
      FEATHERY_DATABASE_URL: await postgres().createDatabase(),
    };
    nodes = await Promise.all([0, 1, 2].map(() => program.start(['serve', '--port', '0'], env)));
    balancer = await Balancer.start(nodes.map(({ address }) => address));
  }, 120_000);
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()));
    balancer.close();
    await Promise.all(nodes.map((node) => node.end('SIGKILL')));
    program.remove();
  });

  function send(method: string, path: string, body?: object): Promise<Response> {
    return fetch(`${balancer.address}${path}`, {
      method,
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json', connection: 'close' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /** Repeats a change until it is acknowledged: the node that was asked may have died before it could say so. */
  async function change(variation: number): Promise<void> {
    const patch = () => send('PATCH', SETTING, { on: true, fallthrough: { variation } });
    await eventually(() =>
      patch()
        .then(({ ok }) => ok)
        .catch(() => false),
    );
  }

  it('costs its servers nothing: on other nodes they get every change that they missed, in order', async () => {
    const variations = Array.from({ length: CHANGES + 1 }, (_, value) => ({ value }));
    expect((await send('POST', '/api/v1/settings', { key: 'count', type: 'number', variations })).status).toBe(201);
    await change(0);
    clients = Array.from({ length: CLIENTS }, () =>
      createClient(SDK_KEY, { serviceUri: balancer.address, streamInitialReconnectDelayMs: 50, logger }),
    );
    await Promise.all(clients.map((client) => client.waitForInitialization({ timeoutMs: 20_000 })));
    const seen = clients.map((client) => {
      const values: number[] = [];
      client.on('update:count', () => values.push(client.numberVariation('count', { key: 'u' }, -1)));
      return values;
    });
    await eventually(() => clients.every((client) => client.numberVariation('count', { key: 'u' }, -1) === 0));
    for (let count = 1; count <= CHANGES; count++) {
      if (count === BEFORE) void (nodes[1] as Running).end('SIGKILL');
      await change(count);
    }
    await eventually(() => seen.every((values) => values.at(-1) === CHANGES));
    const all = Array.from({ length: CHANGES }, (_, index) => index + 1);
    for (const values of seen) expect(values).toEqual(all);
    expect(interruptions).toBeGreaterThan(0);
  });
});
