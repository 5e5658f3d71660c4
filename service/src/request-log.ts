import { type FastifyReply, type FastifyRequest, LogController } from 'fastify';

/** One line per request when it has ended: the route's pattern and not the address, so nothing a client sends is in it. */
export class RequestLog extends LogController {
  override incomingRequest(): void {}

  override requestCompleted(error: Error | null | undefined, request: FastifyRequest, reply: FastifyReply): void {
    const line = {
      method: request.method,
      route: request.routeOptions.url ?? 'unknown',
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
    };
    if (error) request.log.warn({ ...line, err: error }, 'request broke off');
    // What SDKs and probes ask is asked all the time.
    else if (!line.route.startsWith('/api/')) request.log.debug(line, 'request');
    else request.log.info(line, 'request');
  }
}
