import { takeDataSet } from '../lib/take-data-set.js';
import { cut, event, open, put, ScriptedServer, send, status } from './support/sse-server.js';

const SETTING = { key: 'a', version: 3, on: true, variations: [true, false] };
const servers: ScriptedServer[] = [];

async function serve(...answers: Parameters<typeof ScriptedServer.listen>[0]) {
  const server = await ScriptedServer.listen(answers);
  servers.push(server);
  return server;
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

describe('taking a data set', () => {
  it('gives the put and closes the stream', async () => {
    const server = await serve([open(), send(put({ a: SETTING }))]);
    const data = await takeDataSet({ streamUri: server.uri, sdkKey: 'sdk-1', timeoutMs: 5000 });
    expect(data).toEqual({ settings: { a: SETTING }, segments: {} });
    const [exchange] = server.exchanges;
    expect([exchange?.path, exchange?.headers.authorization]).toEqual(['/all', 'sdk-1']);
    await exchange?.closed;
  });

  it('waits for the put when other events come first', async () => {
    const server = await serve([open(), send(event('patch', { path: '/flags/a', data: SETTING })), send(put())]);
    const data = await takeDataSet({ streamUri: server.uri, sdkKey: 'sdk-1', timeoutMs: 5000 });
    expect(data).toEqual({ settings: {}, segments: {} });
  });

  it('says at once that the key is refused', async () => {
    const server = await serve([status(401)]);
    const taking = takeDataSet({ streamUri: server.uri, sdkKey: 'sdk-1', timeoutMs: 5000 });
    await expect(taking).rejects.toMatchObject({ code: 'SDK_KEY_REJECTED' });
  });

  it('gives up after its time', async () => {
    const server = await serve([open(), cut()]);
    const taking = takeDataSet({ streamUri: server.uri, sdkKey: 'sdk-1', timeoutMs: 50 });
    await expect(taking).rejects.toMatchObject({ code: 'INITIALIZATION_TIMEOUT' });
  });
});
