// From an HTTP request to a socket that events are written to.
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Sink } from './open-stream.js';

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  // nginx would otherwise hold events back to fill its buffers.
  'x-accel-buffering': 'no',
};

/** A connection whose waiting bytes do not move for so long is dead. */
const STALL_TIMEOUT_MS = 60_000;

/** A frame of this size or more is framed on its way instead of being copied into a chunk. */
const LARGE_BYTES = 65_536;
const LAST_CHUNK = '0\r\n\r\n';
const CHUNK_END = '\r\n';

/** Takes the connection over from Fastify and sends the head of an event stream; the caller writes events to it. */
export function openSink(
  { raw: { socket, httpVersion } }: FastifyRequest,
  reply: FastifyReply,
  headers: Readonly<Record<string, string>> = {},
): Sink {
  reply.hijack();
  const { raw } = reply;
  raw.shouldKeepAlive = false;
  raw.writeHead(200, { ...HEADERS, ...headers });
  raw.flushHeaders();
  socket.setNoDelay(true);
  // Through the response, as the server closes an idle socket that nobody else listens on.
  raw.setTimeout(STALL_TIMEOUT_MS, () => {
    if (socket.writableLength > 0) socket.destroy();
  });
  // HTTP/1.0 has no chunks: there the body ends with the connection.
  return httpVersion === '1.0' ? socket : new ChunkedSink(socket);
}

/**
 * Writes each frame as a chunk (RFC 9112, 7.1). Without chunks some clients, Python's among them, hold what comes back
 * until a buffer of theirs is full, and so never see a small event.
 */
class ChunkedSink implements Sink {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get destroyed(): boolean {
    return this.#socket.destroyed;
  }

  get writableLength(): number {
    return this.#socket.writableLength;
  }

  write(frame: Buffer | string, done?: () => void): boolean {
    if (typeof frame === 'string') return this.#socket.write(toChunk(Buffer.from(frame)), done);
    if (frame.length < LARGE_BYTES) return this.#socket.write(sharedChunk(frame), done);
    this.#socket.cork();
    this.#socket.write(chunkHead(frame));
    this.#socket.write(frame);
    const more = this.#socket.write(CHUNK_END, done);
    this.#socket.uncork();
    return more;
  }

  destroySoon(): void {
    this.#socket.write(LAST_CHUNK);
    this.#socket.destroySoon();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  once(event: 'close', listener: () => void): void {
    this.#socket.once(event, listener);
  }
}

/** The chunk of a frame that goes to many sockets, made for the first of them and kept as long as the frame is. */
const chunks = new WeakMap<Buffer, Buffer>();

function sharedChunk(frame: Buffer): Buffer {
  let chunk = chunks.get(frame);
  if (chunk === undefined) {
    chunk = toChunk(frame);
    chunks.set(frame, chunk);
  }
  return chunk;
}

function toChunk(frame: Buffer): Buffer {
  return Buffer.concat([Buffer.from(chunkHead(frame)), frame, Buffer.from(CHUNK_END)]);
}

function chunkHead({ length }: Buffer): string {
  return `${length.toString(16)}\r\n`;
}
