// Several nodes of one service in this process, each with a port of its own, over one PostgreSQL database.
import type { AddressInfo } from 'node:net';
import type { Config } from '../../src/config.js';
import { type Api, apiOf, createSettings, IN_PRODUCTION } from './api.js';
import { openTestApp, SDK_KEY, type TestApp, type TestAppOptions } from './app.js';
import { SseClient } from './sse-client.js';

export interface TestNode extends TestApp {
  readonly api: Api;
  readonly address: string;
  /** Opens a stream that understands everything. */
  stream(headers?: Record<string, string>): Promise<SseClient>;
  /** Watches what happens live, as an admin or with other headers. */
  watch(headers?: Readonly<Record<string, string>>): Promise<SseClient>;
  /** Sends what a server reports. */
  receipt(instanceId: string, revision: number): Promise<unknown>;
}

export interface TestNodes {
  readonly all: readonly [TestNode, TestNode, TestNode];
  close(): Promise<void>;
}

type NodeOptions = Omit<TestAppOptions, 'config'> & { config?: Partial<Config> };

/** Starts three nodes at the same time, with the setting `a` in them, and waits until they hear each other. */
export async function openNodes(databaseUrl: string, options: NodeOptions = {}): Promise<TestNodes> {
  const open = () => openNode(databaseUrl, options);
  const all = await allOrNone([open(), open(), open()]);
  await eventually(() => all.every(({ parts }) => parts.streaming.peers.ids.length === 2));
  await createSettings(all[0].api, 'a');
  await untilAllHave(all, revisionOf(all[0]));
  return {
    all,
    close: async () => {
      await Promise.all(all.map((node) => node.close()));
    },
  };
}

export async function openNode(databaseUrl: string, options: NodeOptions = {}): Promise<TestNode> {
  return listen(await openTestApp({ ...options, config: { databaseUrl, ...options.config } }));
}

/** One that does not start must not leave the others running. */
async function allOrNone(starting: readonly Promise<TestNode>[]): Promise<TestNodes['all']> {
  const settled = await Promise.allSettled(starting);
  const failed = settled.find((one) => one.status === 'rejected');
  const nodes = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  if (failed === undefined) return nodes as unknown as TestNodes['all'];
  for (const node of nodes) await node.close();
  throw failed.reason;
}

async function listen(service: TestApp): Promise<TestNode> {
  await service.app.listen({ port: 0, host: '127.0.0.1' });
  const address = `http://127.0.0.1:${(service.app.server.address() as AddressInfo).port}`;
  const capable = { 'x-feathery-protocol': '1' };
  return {
    ...service,
    api: apiOf(service),
    address,
    stream: (headers = {}) => SseClient.open(`${address}/all`, { ...service.asSdk, ...capable, ...headers }),
    watch: (headers = service.asAdmin) => SseClient.open(`${address}/api/v1${IN_PRODUCTION}/live`, { ...headers }),
    receipt: (instanceId, revision) =>
      service.app.inject({
        method: 'POST',
        url: '/sdk/receipts',
        headers: { authorization: SDK_KEY },
        payload: { instanceId, revision },
      }),
  };
}

export const revisionOf = ({ parts }: TestApp): number => parts.feed.environment('production').revision;

export function untilAllHave(nodes: readonly TestApp[], revision: number): Promise<void> {
  return eventually(() => nodes.every((node) => revisionOf(node) >= revision));
}

/** Gives the setting `a` another salt, which is a change like any other and needs no variation. */
export async function change(node: TestNode, salt: string): Promise<number> {
  const { status, body } = await node.api.patch(`${IN_PRODUCTION}/settings/a`, { salt });
  if (status !== 200) throw new Error(`not changed: ${JSON.stringify(body)}`);
  return body.revision;
}

/** Resolves when the condition holds, which is looked at often. Rejects with what it is about when it never does. */
export async function eventually(condition: () => boolean | Promise<boolean>, timeoutMs = 20_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`it never came to be: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
