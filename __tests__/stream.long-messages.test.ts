import { type ClosableFetch, createFetch } from '../lib/http.js';
import { Stream } from '../lib/stream.js';
import { Recorder, sourceParts } from './support/recorder.js';
import { type Answer, close, event, open, put, ScriptedServer, send } from './support/sse-server.js';

const LONG = 'x'.repeat(300_000);
const longPut = (key: string) => put({ [key]: { key, version: 1, variations: [LONG] } });
const patch = (key: string) => event('patch', { path: `/flags/${key}`, data: { key, version: 2 } });

let server: ScriptedServer;
let told: Recorder;
let fetch: ClosableFetch;
let stream: Stream;

beforeEach(() => {
  told = new Recorder();
  fetch = createFetch({ tlsParams: undefined, proxyOptions: undefined, keepAlive: false, timeoutMs: 10_000 });
});

afterEach(async () => {
  jest.restoreAllMocks();
  stream.close();
  fetch.close();
  await server.close();
});

async function start(...answers: Answer[]): Promise<void> {
  server = await ScriptedServer.listen(answers);
  stream = new Stream(sourceParts({ fetch, handlers: told }, { serviceUri: server.uri }));
  stream.start();
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
}

describe('a long message of the stream', () => {
  it('is read in one turn of the event loop and handed on in a later one', async () => {
    let turn = 0;
    let readIn = -1;
    let handedOnIn = -1;
    const count = () => {
      turn++;
      if (handedOnIn === -1) setImmediate(count);
    };
    count();
    const parse = JSON.parse;
    jest.spyOn(JSON, 'parse').mockImplementation((text) => {
      if (text.length > LONG.length) readIn = turn;
      return parse(text);
    });
    const onMessage = told.onMessage.bind(told);
    told.onMessage = (message, meta) => {
      handedOnIn = turn;
      onMessage(message, meta);
    };
    await start([open(), send(longPut('a'))]);
    await told.until(({ messages }) => messages.length === 1);
    expect(readIn).toBeGreaterThan(0);
    expect(handedOnIn).toBeGreaterThan(readIn);
  });

  it('is not overtaken by what follows it, in the same bytes or later', async () => {
    await start([open(), send(put() + longPut('a') + patch('b') + longPut('c') + patch('d')), send(patch('e'))]);
    await told.until(({ messages }) => messages.length === 6);
    expect(told.keys).toEqual([[], ['a'], ['b'], ['c'], ['d'], ['e']]);
  });

  it('is handed on when the connection ends behind it', async () => {
    await start([open(), send(longPut('a')), close()], [open()]);
    await told.until(({ messages, problems }) => messages.length === 1 && problems.length === 1);
  });

  it('that makes no sense ends the connection, and what follows it is dropped', async () => {
    const bad = event('put', `{"data":"${LONG}`);
    await start([open(), send(bad + patch('b'))], [open(), send(longPut('c'))]);
    await told.until(({ messages }) => messages.length === 1);
    expect(told.keys).toEqual([['c']]);
    expect(told.problems).toMatchObject([{ rejected: false, error: { code: 'PROTOCOL' } }]);
  });

  it('is dropped when the stream is closed before its turn comes', async () => {
    await start([open(), send(put() + longPut('a'))]);
    await told.until(({ messages }) => messages.length === 1);
    stream.close();
    await turns(5);
    expect(told.keys).toEqual([[]]);
  });
});
