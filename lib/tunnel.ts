import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { ProxyOptions, TlsOptions } from './options.js';

/** A request that may have to wait for a tunnel, and the signal that ends the wait. */
export interface TunnelledRequest extends https.RequestOptions {
  readonly tunnelSignal?: AbortSignal;
}

type Connected = (error: Error | null, socket?: Duplex) => void;

/** How a request reaches the proxy itself. */
export function proxyAddress(proxy: ProxyOptions): { host: string; port: number; headers: Record<string, string> } {
  const headers: Record<string, string> = {};
  if (proxy.auth !== undefined) {
    headers['Proxy-Authorization'] = `Basic ${Buffer.from(proxy.auth).toString('base64')}`;
  }
  return { host: proxy.host, port: proxy.port, headers };
}

/** The options for TLS with the proxy: the same authorities, but its own name and no client certificate. */
export function proxyTls(proxy: ProxyOptions, tls: TlsOptions): https.AgentOptions {
  const options: https.AgentOptions = { servername: isIP(proxy.host) ? '' : proxy.host };
  if (tls.ca !== undefined) options.ca = tls.ca as NonNullable<https.AgentOptions['ca']>;
  if (tls.rejectUnauthorized !== undefined) options.rejectUnauthorized = tls.rejectUnauthorized;
  return options;
}

/** Reaches https targets through a proxy, by CONNECT; the connections are pooled by target like any others. */
export class TunnelAgent extends https.Agent {
  readonly #proxy: ProxyOptions;
  readonly #proxyTls: https.AgentOptions;
  readonly #keepAlive: boolean;

  constructor(options: https.AgentOptions, proxy: ProxyOptions, tls: TlsOptions, keepAlive: boolean) {
    super(options);
    this.#proxy = proxy;
    this.#proxyTls = proxyTls(proxy, tls);
    this.#keepAlive = keepAlive;
  }

  override createConnection(options: TunnelledRequest, callback?: (error: Error | null, socket: Duplex) => void): null {
    const connected = callback as Connected;
    this.#connect(options, (error, tunnel) => {
      if (error !== null) connected(error);
      else connected(null, super.createConnection({ ...options, socket: tunnel } as https.RequestOptions) as TLSSocket);
    });
    return null;
  }

  #connect(target: TunnelledRequest, connected: Connected): void {
    const { host, port, headers } = proxyAddress(this.#proxy);
    const authority = `${target.host?.includes(':') ? `[${target.host}]` : target.host}:${target.port}`;
    const secure = this.#proxy.scheme === 'https';
    const request = (secure ? https : http).request({
      ...(secure ? this.#proxyTls : {}),
      agent: false,
      host,
      port,
      method: 'CONNECT',
      path: authority,
      headers: { Host: authority, ...headers },
      ...(target.tunnelSignal === undefined ? {} : { signal: target.tunnelSignal }),
    });
    request.on('socket', (socket) => {
      if (!this.#keepAlive) socket.unref();
    });
    request.on('error', (error) => connected(error));
    request.on('connect', ({ statusCode }, socket) => {
      if (statusCode === 200) {
        connected(null, socket);
        return;
      }
      socket.destroy();
      connected(new Error(`The proxy answered ${statusCode} to CONNECT`));
    });
    request.end();
  }
}
