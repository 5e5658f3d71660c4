import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Sink } from '../src/open-stream.js';
import { openSink } from '../src/sink.js';

let app: FastifyInstance;
let sink: Sink;

beforeEach(async () => {
  app = Fastify({ forceCloseConnections: true });
  app.get('/', (request, reply) => {
    sink = openSink(request, reply, { 'x-more': '1' });
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
});

afterEach(() => app.close());

/** Sends a bare request, lets `write` write, ends the stream and returns all bytes of the answer. */
async function answer(version: string, write: () => void): Promise<[head: string, body: string]> {
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(`GET / HTTP/${version}\r\nHost: a\r\n\r\n`);
  let text = '';
  socket.setEncoding('latin1').on('data', (part) => {
    text += part;
  });
  await once(socket, 'data');
  write();
  sink.destroySoon();
  await once(socket, 'close');
  const end = text.indexOf('\r\n\r\n');
  return [text.slice(0, end).toLowerCase(), text.slice(end + 4)];
}

describe('an event stream', () => {
  it('has a chunk for each frame and one that ends it', async () => {
    const [head, body] = await answer('1.1', () => {
      sink.write(':\n');
      sink.write(Buffer.from('data: 12345678901\n\n'));
    });
    expect(head).toContain('transfer-encoding: chunked');
    expect(head).toContain('connection: close');
    expect(head).toContain('x-more: 1');
    expect(body).toBe('2\r\n:\n\r\n13\r\ndata: 12345678901\n\n\r\n0\r\n\r\n');
  });

  it('has one chunk for a frame too large to copy, and says when it has left', async () => {
    const frame = Buffer.alloc(100_000, 'x');
    const done = jest.fn();
    const [, body] = await answer('1.1', () => sink.write(frame, done));
    expect(body).toBe(`186a0\r\n${frame}\r\n0\r\n\r\n`);
    expect(done).toHaveBeenCalledTimes(1);
  });

  it('has no chunks for an HTTP/1.0 client', async () => {
    const [head, body] = await answer('1.0', () => sink.write(Buffer.from('data: 1\n\n')));
    expect(head).not.toContain('transfer-encoding');
    expect(body).toBe('data: 1\n\n');
  });

  it('gives the same chunk to all who get the same frame', async () => {
    const frame = Buffer.from('data: 1\n\n');
    for (let client = 0; client < 2; client++) {
      const [, body] = await answer('1.1', () => sink.write(frame));
      expect(body).toBe('9\r\ndata: 1\n\n\r\n0\r\n\r\n');
    }
  });
});
