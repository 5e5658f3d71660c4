import { EventBuffer, MAX_BUFFER_CHARACTERS } from '../lib/event-buffer.js';
import { FakeLog } from './support/fake-log.js';

describe('EventBuffer', () => {
  let log: FakeLog;

  beforeEach(() => {
    log = new FakeLog();
  });

  it('gives what was added, in order, once', () => {
    const buffer = new EventBuffer(10, log);
    buffer.add(() => 'a');
    buffer.add(() => 'b');
    expect(buffer.size).toBe(2);
    expect(buffer.take()).toEqual(['a', 'b']);
    expect(buffer.size).toBe(0);
    expect(buffer.take()).toEqual([]);
  });

  it('keeps the oldest when it is full, without writing the others', () => {
    const buffer = new EventBuffer(2, log);
    const write = jest.fn(() => 'late');
    buffer.add(() => 'a');
    buffer.add(() => 'b');
    buffer.add(write);
    expect(write).not.toHaveBeenCalled();
    expect(buffer).toMatchObject({ accepted: 3, dropped: 1 });
    expect(buffer.take()).toEqual(['a', 'b']);
  });

  it('warns once for each time it overflows', () => {
    const buffer = new EventBuffer(1, log);
    for (let i = 0; i < 5; i++) buffer.add(() => 'a');
    expect(log.warnings).toHaveLength(1);
    buffer.take();
    for (let i = 0; i < 5; i++) buffer.add(() => 'a');
    expect(log.warnings).toHaveLength(2);
  });

  it('is full, too, when the events are very large', () => {
    const buffer = new EventBuffer(100, log);
    const large = 'x'.repeat(MAX_BUFFER_CHARACTERS / 2);
    for (let i = 0; i < 3; i++) buffer.add(() => large);
    expect(buffer).toMatchObject({ size: 2, dropped: 1 });
    buffer.take();
    buffer.add(() => large);
    expect(buffer.size).toBe(1);
  });

  it('drops and counts an event that cannot be written', () => {
    const buffer = new EventBuffer(10, log);
    buffer.add(() => undefined);
    buffer.add(() => {
      throw new Error('getter');
    });
    expect(buffer).toMatchObject({ accepted: 2, dropped: 2, size: 0 });
    expect(log.warnings).toHaveLength(2);
  });
});
