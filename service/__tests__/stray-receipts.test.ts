import { StrayReceipts } from '../src/stray-receipts.js';
import { type FakeLink, linkNodes } from './support/fake-link.js';

let link: FakeLink;
let now: number;
let strays: StrayReceipts;
beforeEach(() => {
  jest.useFakeTimers();
  [link] = linkNodes('a') as [FakeLink];
  now = 1_000;
  strays = new StrayReceipts({ link, now: () => now });
});
afterEach(() => {
  strays.close();
  jest.useRealTimers();
});

describe('a report of a server whose stream is elsewhere', () => {
  it('is passed on with others of its environment, and with how long it was held', () => {
    strays.add('production', { instanceId: 'i-1', revision: 7 });
    strays.add('staging', { instanceId: 'i-2', revision: 3 });
    now += 20;
    strays.add('production', { instanceId: 'i-3', revision: 7, heldMs: 5 });
    now += 30;
    jest.advanceTimersByTime(50);
    expect(link.sent).toEqual([
      [
        'receipts',
        {
          environment: 'production',
          items: [
            { instanceId: 'i-1', revision: 7, heldMs: 50 },
            { instanceId: 'i-3', revision: 7, heldMs: 35 },
          ],
        },
      ],
      ['receipts', { environment: 'staging', items: [{ instanceId: 'i-2', revision: 3, heldMs: 50 }] }],
    ]);
  });

  it('is passed on once', () => {
    strays.add('production', { instanceId: 'i-1', revision: 7 });
    jest.advanceTimersByTime(500);
    expect(link.sent).toHaveLength(1);
  });

  it('is dropped when nobody can be told, and when a thousand wait', () => {
    Object.assign(link, { isListening: false });
    strays.add('production', { instanceId: 'unheard', revision: 1 });
    Object.assign(link, { isListening: true });
    for (let count = 0; count < 1_001; count++) strays.add('production', { instanceId: `i-${count}`, revision: 1 });
    jest.advanceTimersByTime(50);
    const [, { items }] = link.sent[0] as unknown as [string, { items: { instanceId: string }[] }];
    expect([items.length, items[0]?.instanceId, items.at(-1)?.instanceId]).toEqual([1_000, 'i-0', 'i-999']);
  });
});
