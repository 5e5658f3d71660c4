// The real service in this process, listening, and its admin API as a program would use it.
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ADMIN_TOKEN, openTestApp, SDK_KEY } from '../../service/__tests__/support/app.js';

export { ADMIN_TOKEN, SDK_KEY };

export interface Service {
  readonly uri: string;
  readonly port: number;
  /** Requests as they come in. */
  onRequest(listener: (request: IncomingMessage) => void): void;
  close(): Promise<void>;
}

export interface ServiceOptions {
  /** Both outlive the service when given, so that another can take its place. */
  readonly dataDir?: string;
  readonly port?: number;
}

export async function startService({ dataDir, port = 0 }: ServiceOptions = {}): Promise<Service> {
  const { app, close } = await openTestApp(dataDir === undefined ? {} : { dataDir });
  await app.listen({ host: '127.0.0.1', port });
  const address = app.server.address() as AddressInfo;
  return {
    uri: `http://127.0.0.1:${address.port}`,
    port: address.port,
    onRequest: (listener) => app.server.on('request', listener),
    close,
  };
}

/** Sends a request to the admin API. @throws for an answer that is not 2xx, with its status and body in the message. */
export async function admin<Body = unknown>(uri: string, method: string, path: string, body?: unknown): Promise<Body> {
  const response = await fetch(`${uri}/api/v1/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${ADMIN_TOKEN}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as Body;
}

/** A boolean setting that is on and serves false until somebody changes it. */
export async function createSetting(uri: string, key: string): Promise<void> {
  await admin(uri, 'POST', 'settings', { key, name: key, type: 'boolean' });
  await patchSetting(uri, key, { on: true, fallthrough: { variation: 1 } });
}

/** @returns The revision of the environment. */
export async function patchSetting(uri: string, key: string, patch: unknown): Promise<number> {
  const { revision } = await admin<{ revision: number }>(
    uri,
    'PATCH',
    `environments/production/settings/${key}`,
    patch,
  );
  return revision;
}
