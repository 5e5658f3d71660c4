import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { eventFrame, FrameError, HEARTBEAT, retryFrame } from '../src/sse.js';

function parse(text: string): { events: EventSourceMessage[]; retries: number[]; comments: string[] } {
  const seen = { events: [] as EventSourceMessage[], retries: [] as number[], comments: [] as string[] };
  const parser = createParser({
    onEvent: (event) => seen.events.push(event),
    onRetry: (retry) => seen.retries.push(retry),
    onComment: (comment) => seen.comments.push(comment),
  });
  parser.feed(text);
  return seen;
}

describe('eventFrame', () => {
  it('puts event, id and data on one line each and ends with a blank line', () => {
    expect(eventFrame({ event: 'patch', id: 'a1:7', data: '{"a":1}' })).toBe(
      'event: patch\nid: a1:7\ndata: {"a":1}\n\n',
    );
  });

  it('leaves the id line out when there is none', () => {
    expect(eventFrame({ event: 'put', data: '{}' })).toBe('event: put\ndata: {}\n\n');
  });

  it.each(['{"a":" leading: blank"}', '{"text":"line\\nbreak"}', '{"s":"\u2028\u2029"}'])(
    'is read back by an independent parser with the same fields: %j',
    (data) => {
      const { events } = parse(eventFrame({ event: 'changes', id: 'e:1', data }));
      expect(events).toEqual([{ event: 'changes', id: 'e:1', data }]);
    },
  );

  it.each([
    ['a line feed in data', { event: 'put', data: '{}\nevent: patch' }],
    ['a carriage return in data', { event: 'put', data: '{}\r' }],
    ['a line feed in the event name', { event: 'put\ndata: x', data: '{}' }],
    ['a carriage return in the id', { event: 'put', data: '{}', id: '1\r2' }],
    ['a NUL in the id', { event: 'put', data: '{}', id: '1\u00002' }],
    ['an empty event name', { event: '', data: '{}' }],
  ])('refuses %s', (_fault, fields) => {
    expect(() => eventFrame(fields)).toThrow(FrameError);
  });
});

describe('retryFrame', () => {
  it('is read as a delay and dispatches no event', () => {
    expect(parse(retryFrame(2500))).toEqual({ events: [], retries: [2500], comments: [] });
  });

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %p', (delay) => {
    expect(() => retryFrame(delay)).toThrow(FrameError);
  });
});

describe('HEARTBEAT', () => {
  it('is a comment and leaves the event around it whole', () => {
    const frame = eventFrame({ event: 'patch', data: '{"a":1}' });
    const { events, comments } = parse(HEARTBEAT + frame + HEARTBEAT);
    expect(events).toHaveLength(1);
    expect(comments).toHaveLength(2);
  });
});
