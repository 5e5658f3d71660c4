import type { ClientOptions } from '../lib/options.js';
import { Receipts } from '../lib/receipts.js';
import { type FakeRequest, FakeService } from './support/fake-service.js';
import { Recorder, SDK_KEY, sourceParts } from './support/recorder.js';

const headers = (value: string | null) => ({
  get: (name: string) => (name.toLowerCase() === 'x-feathery-receipts' ? value : null),
});

let service: FakeService;
let receipts: Receipts;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  start();
});

afterEach(async () => {
  receipts.close();
  await jest.advanceTimersByTimeAsync(0);
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

function start(random = () => 0, options: ClientOptions = {}) {
  service = new FakeService((request) => void request.answer(202).end());
  const parts = sourceParts(
    { fetch: service.fetch, handlers: new Recorder(), random },
    { serviceUri: 'http://feathery.test/base', ...options },
  );
  receipts = new Receipts(parts);
}

const pass = (ms = 0) => jest.advanceTimersByTimeAsync(ms);
const revisions = () => service.requests.map((request: FakeRequest) => (request.body as { revision: number }).revision);

describe('receipts', () => {
  it('go out at once, with instance and revision, where the service wants them', async () => {
    receipts.onOpen(headers('interval-ms=1000'));
    receipts.applied(812);
    await pass();
    const { url, init, body } = service.request(0) as FakeRequest & { body: unknown };
    expect(url).toBe('http://feathery.test/base/sdk/receipts');
    expect(init).toMatchObject({
      method: 'POST',
      headers: { Authorization: SDK_KEY, 'Content-Type': 'application/json' },
    });
    expect(body).toEqual({ instanceId: '00000000-0000-4000-8000-000000000000', revision: 812 });
  });

  it.each([null, '', 'interval-ms=', 'interval-ms=x', 'xinterval-ms=5', 'interval-ms=-1', 'interval-ms=1.5'])(
    'do not go out for the header %j',
    async (value) => {
      receipts.onOpen(headers(value));
      receipts.applied(1);
      await pass(60_000);
      expect(service.requests).toHaveLength(0);
    },
  );

  it('may have other parameters beside the interval', async () => {
    receipts.onOpen(headers('v=2; interval-ms=100, x'));
    receipts.applied(1);
    await pass();
    expect(revisions()).toEqual([1]);
  });

  it('go out once in an interval, with the newest revision only', async () => {
    receipts.onOpen(headers('interval-ms=1000'));
    for (let revision = 1; revision <= 5; revision++) {
      receipts.applied(revision);
      await pass(100);
    }
    await pass(499);
    expect(revisions()).toEqual([1]);
    await pass(1);
    expect(revisions()).toEqual([1, 5]);
    await pass(60_000);
    expect(revisions()).toEqual([1, 5]);
  });

  it('are spread over the interval where there are many of us, and say how long they were held', async () => {
    start(() => 0.5);
    receipts.onOpen(headers('interval-ms=1000'));
    receipts.applied(1);
    await pass(499);
    expect(revisions()).toEqual([]);
    await pass(1);
    receipts.applied(2);
    await pass(1499);
    expect(revisions()).toEqual([1]);
    await pass(1);
    expect(service.requests.map(({ body }) => body)).toMatchObject([{ heldMs: 500 }, { revision: 2, heldMs: 1500 }]);
  });

  it('are not spread where there are few of us', async () => {
    start(() => 0.5);
    receipts.onOpen(headers('interval-ms=100'));
    receipts.applied(1);
    await pass();
    expect(revisions()).toEqual([1]);
  });

  it('take a new interval from the answer to a receipt', async () => {
    service.answer = (request) => void request.answer(202, { 'X-Feathery-Receipts': 'interval-ms=5000' }).end();
    receipts.onOpen(headers('interval-ms=100'));
    receipts.applied(1);
    await pass();
    receipts.applied(2);
    await pass(4999);
    expect(revisions()).toEqual([1]);
    await pass(1);
    expect(revisions()).toEqual([1, 2]);
  });

  it('go out in time when the clock is set back', async () => {
    receipts.onOpen(headers('interval-ms=1000'));
    receipts.applied(1);
    await pass();
    jest.setSystemTime(Date.now() - 3_600_000);
    receipts.applied(2);
    await pass(1000);
    expect(revisions()).toEqual([1, 2]);
  });

  it('say the last revision applied, even when it is lower', async () => {
    receipts.onOpen(headers('interval-ms=1000'));
    receipts.applied(9);
    await pass(2000);
    receipts.applied(3);
    await pass();
    expect(revisions()).toEqual([9, 3]);
  });

  it('do not repeat a revision, but for a new connection', async () => {
    receipts.onOpen(headers('interval-ms=1000'));
    receipts.applied(1);
    await pass(2000);
    receipts.applied(1);
    await pass(2000);
    expect(revisions()).toEqual([1]);
    receipts.onOpen(headers('interval-ms=1000'));
    receipts.applied(1);
    await pass();
    expect(revisions()).toEqual([1, 1]);
  });

  it('never have two requests open', async () => {
    service.answer = () => {};
    receipts.onOpen(headers('interval-ms=100'));
    receipts.applied(1);
    await pass(200);
    receipts.applied(2);
    await pass(10_000);
    expect(revisions()).toEqual([1]);
    service.request(0).answer(202).end();
    await pass(1);
    expect(revisions()).toEqual([1, 2]);
  });

  it('are given up when they fail; the next revision gets its own', async () => {
    service.answer = (request) => void request.fail(new Error('ECONNRESET'));
    receipts.onOpen(headers('interval-ms=1000'));
    receipts.applied(1);
    await pass(5000);
    service.answer = (request) => void request.answer(500).end();
    receipts.applied(2);
    await pass(5000);
    receipts.applied(3);
    await pass(5000);
    expect(revisions()).toEqual([1, 2, 3]);
  });

  it('end where the next connection does not want them', async () => {
    receipts.onOpen(headers('interval-ms=1000'));
    receipts.applied(1);
    await pass();
    receipts.applied(2);
    receipts.onOpen(headers(null));
    receipts.applied(3);
    await pass(60_000);
    expect(revisions()).toEqual([1]);
  });

  it('carry the new key, once the service has asked again', async () => {
    receipts.onOpen(headers('interval-ms=1000'));
    receipts.applied(1);
    await pass(2000);
    receipts.rotate('sdk-1111-new');
    receipts.applied(2);
    await pass(2000);
    expect(revisions()).toEqual([1]);
    receipts.onOpen(headers('interval-ms=1000'));
    receipts.applied(3);
    await pass();
    expect(service.request(1).init.headers?.Authorization).toBe('sdk-1111-new');
  });

  it('end with close, also one that is on its way', async () => {
    service.answer = () => {};
    receipts.onOpen(headers('interval-ms=1000'));
    receipts.applied(1);
    await pass();
    receipts.applied(2);
    receipts.close();
    receipts.close();
    expect(service.request(0).isAborted).toBe(true);
    receipts.onOpen(headers('interval-ms=1000'));
    receipts.applied(3);
    await pass(60_000);
    expect(revisions()).toEqual([1]);
  });
});
