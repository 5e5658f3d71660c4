// From an HTTP request to a socket that events are written to.
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

/** Takes the connection over from Fastify and sends the head of an event stream; the caller writes events to it. */
export function openSink(
  { raw: { socket } }: FastifyRequest,
  reply: FastifyReply,
  headers: Readonly<Record<string, string>> = {},
): Sink {
  reply.hijack();
  const { raw } = reply;
  // The body ends with the connection, so that a frame is written as it is: no chunk around it, which the standard
  // for event streams advises against as well.
  raw.useChunkedEncodingByDefault = false;
  raw.shouldKeepAlive = false;
  raw.writeHead(200, { ...HEADERS, ...headers });
  raw.flushHeaders();
  socket.setNoDelay(true);
  // Through the response, as the server closes an idle socket that nobody else listens on.
  raw.setTimeout(STALL_TIMEOUT_MS, () => {
    if (socket.writableLength > 0) socket.destroy();
  });
  return socket;
}
