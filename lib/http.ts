import http from 'node:http';
import https from 'node:https';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { ResolvedOptions } from './options.js';
import { proxyAddress, proxyTls, TunnelAgent, type TunnelledRequest } from './tunnel.js';

/** The part of a `fetch` init that is used. */
export interface FetchInit {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal;
  /**
   * Longest time until the headers are there, and then between two parts of the body, in milliseconds. Without it the
   * answer may take for ever, but connecting may not.
   */
  readonly timeoutMs?: number;
}

/** Names are case-insensitive; null when absent. */
export interface ResponseHeaders {
  get(name: string): string | null;
}

/** The part of a `fetch` response that is used. */
export interface FetchResponse {
  readonly status: number;
  readonly headers: ResponseHeaders;
  /**
   * Decoded bytes as they arrive; to be read to the end, else the connection stays. Leaving the iteration closes the
   * connection, and so does aborting the signal.
   */
  readonly body: AsyncIterable<Uint8Array> | null;
}

/**
 * Resolves as soon as the headers are there. Rejects on network and TLS errors, on abort and on timeout, never because
 * of a status; never follows a redirect by itself.
 */
export type Fetch = (url: string, init?: FetchInit) => Promise<FetchResponse>;

/** A fetch with its own pool of connections. */
export interface ClosableFetch extends Fetch {
  /** Ends every request and connection at once; later requests reject. */
  close(): void;
}

export interface Followed {
  readonly response: FetchResponse;
  /** The address that answered. */
  readonly url: string;
  /** The address to ask next time: behind the permanent redirects, before the first temporary one. */
  readonly lastingUrl: string;
}

type Headers = Readonly<Record<string, string>>;

type HttpOptions = Pick<ResolvedOptions, 'tlsParams' | 'proxyOptions' | 'keepAlive' | 'timeoutMs'>;

/** Where a request is sent: the target itself or a proxy. */
interface Route {
  readonly agent: http.Agent;
  options(target: URL, headers: Headers): https.RequestOptions;
}

/** docs/protocol.md, 4.6 */
const MAX_REDIRECTS = 20;
/** A poll of many thousand settings takes some megabytes; half a gigabyte is the longest string Node can hold. */
const MAX_TEXT_BYTES = 256 * 1024 * 1024;
/** Reading more than this costs more than a new connection. */
const MAX_DISCARDED_BYTES = 64 * 1024;

/**
 * A fetch over `node:http` and `node:https`, because Node's own takes no certificate authority and no proxy. With
 * `keepAlive: false` its sockets do not hold the process open; `holdProcess` is for those who wait for an answer.
 */
export function createFetch(options: HttpOptions): ClosableFetch {
  const routes: Partial<Record<string, Route>> = { 'http:': plainRoute(options), 'https:': secureRoute(options) };
  const exchanges = new Set<AbortController>();
  let closed = false;

  const fetch = async (url: string, init: FetchInit = {}): Promise<FetchResponse> => {
    init.signal?.throwIfAborted();
    if (closed) throw new Error('The client is closed');
    const target = new URL(url);
    const route = routes[target.protocol];
    if (route === undefined) throw new Error(`Only http and https addresses can be requested, not ${target.protocol}`);
    const exchange = new AbortController();
    exchanges.add(exchange);
    return send(target, route, init, options, exchange, () => exchanges.delete(exchange));
  };
  const close = () => {
    closed = true;
    for (const exchange of exchanges) exchange.abort(new Error('The client is closed'));
    for (const route of Object.values(routes)) route?.agent.destroy();
  };
  return Object.assign(fetch, { close });
}

/** Follows 301 and 307; `init` is asked for each address, so that headers may depend on it. */
export async function follow(fetch: Fetch, url: string, init: (url: string) => FetchInit): Promise<Followed> {
  let lastingUrl = url;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const response = await fetch(url, init(url));
    const location = response.status === 301 || response.status === 307 ? response.headers.get('location') : null;
    if (location === null) return { response, url, lastingUrl };
    // Not waited for: the body of a redirect may take its time, or never end.
    void discard(response);
    const isLasting = response.status === 301 && lastingUrl === url;
    url = new URL(location, url).href;
    if (isLasting) lastingUrl = url;
  }
  throw new Error(`More than ${MAX_REDIRECTS} redirects`);
}

/** Reads the whole body as UTF-8. Rejects, and closes the connection, when it is longer than `limitBytes`. */
export async function readText(response: FetchResponse, limitBytes = MAX_TEXT_BYTES): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > limitBytes) throw new Error(`The answer is longer than ${limitBytes} bytes`);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks, length));
}

/** Reads a body nobody wants, so that its connection can be used again, or closes it if it is long. Never rejects. */
export async function discard(response: FetchResponse): Promise<void> {
  try {
    await readText(response, MAX_DISCARDED_BYTES);
  } catch {
    // The connection is gone, which is as good.
  }
}

function plainRoute({ proxyOptions: proxy, tlsParams = {} }: HttpOptions): Route {
  if (proxy === undefined) return { agent: new http.Agent({ keepAlive: true }), options: directly };
  const { host, port, headers: proxyHeaders } = proxyAddress(proxy);
  const scheme = proxy.scheme ?? 'http';
  const agent =
    scheme === 'https'
      ? new https.Agent({ keepAlive: true, ...proxyTls(proxy, tlsParams) })
      : new http.Agent({ keepAlive: true });
  return {
    agent,
    options: (target, headers) => ({
      protocol: `${scheme}:`,
      host,
      port,
      path: `${target.origin}${target.pathname}${target.search}`,
      headers: { Host: target.host, ...headers, ...proxyHeaders },
    }),
  };
}

function secureRoute({ proxyOptions: proxy, tlsParams = {}, keepAlive }: HttpOptions): Route {
  const options = { keepAlive: true, ...tlsParams } as https.AgentOptions;
  const agent = proxy === undefined ? new https.Agent(options) : new TunnelAgent(options, proxy, tlsParams, keepAlive);
  return { agent, options: directly };
}

function directly(target: URL, headers: Headers): https.RequestOptions {
  return {
    protocol: target.protocol,
    host: target.hostname.replace(/^\[|\]$/g, ''),
    port: target.port || (target.protocol === 'https:' ? 443 : 80),
    path: `${target.pathname}${target.search}`,
    headers,
  };
}

function send(
  target: URL,
  route: Route,
  init: FetchInit,
  options: HttpOptions,
  exchange: AbortController,
  onEnd: () => void,
): Promise<FetchResponse> {
  const { keepAlive } = options;
  const limit = new ProgressLimit(exchange, init.timeoutMs ?? options.timeoutMs, keepAlive);
  const stop = () => exchange.abort(init.signal?.reason);
  init.signal?.addEventListener('abort', stop, { once: true });
  const end = () => {
    limit.lift();
    init.signal?.removeEventListener('abort', stop);
    onEnd();
  };
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      end();
      reject(exchange.signal.aborted ? exchange.signal.reason : error);
    };
    try {
      const request = open(target, route, init, exchange.signal);
      // Without an error: it would reach the connection after a complete answer has already given it back to the pool,
      // where nobody listens.
      exchange.signal.addEventListener('abort', () => request.destroy(), { once: true });
      request.on('socket', (socket) => {
        if (!keepAlive) socket.unref();
      });
      // Connected, and the request is on its way.
      request.on('finish', () => {
        if (init.timeoutMs === undefined) limit.lift();
      });
      request.on('response', (response) => {
        response.on('close', end);
        resolve({
          status: response.statusCode ?? 0,
          headers: { get: (name) => headerValue(response.headers[name.toLowerCase()]) },
          body: decoded(response, exchange.signal, limit),
        });
      });
      request.on('error', fail);
      // A 101 nobody asked for ends the request without an error.
      request.on('close', () => fail(new Error('The connection ended without an answer')));
      request.end(init.body);
    } catch (error) {
      fail(error);
    }
  });
}

function open(target: URL, route: Route, init: FetchInit, signal: AbortSignal): http.ClientRequest {
  const options: TunnelledRequest = {
    ...route.options(target, init.headers ?? {}),
    agent: route.agent,
    method: init.method ?? 'GET',
    tunnelSignal: signal,
  };
  return options.protocol === 'https:' ? https.request(options) : http.request(options);
}

function headerValue(value: string | string[] | undefined): string | null {
  if (value === undefined) return null;
  return typeof value === 'string' ? value : value.join(', ');
}

async function* decoded(
  response: http.IncomingMessage,
  signal: AbortSignal,
  limit: ProgressLimit,
): AsyncGenerator<Uint8Array> {
  limit.renew();
  const isGzip = response.headers['content-encoding']?.toLowerCase() === 'gzip';
  // An error of either side ends the iteration below, so there is nothing left to say in the callback.
  const source = isGzip ? pipeline(response, createGunzip(), () => {}) : response;
  try {
    for await (const chunk of source) {
      limit.renew();
      yield chunk;
    }
    // What was left of a destroyed answer ends as if it were complete.
    signal.throwIfAborted();
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
}

/** Aborts an exchange that makes no progress. */
class ProgressLimit {
  #timer: NodeJS.Timeout | undefined;

  constructor(exchange: AbortController, ms: number, keepAlive: boolean) {
    this.#timer = setTimeout(() => exchange.abort(new Error(`No answer within ${ms} ms`)), ms);
    if (!keepAlive) this.#timer.unref();
  }

  renew(): void {
    this.#timer?.refresh();
  }

  lift(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
