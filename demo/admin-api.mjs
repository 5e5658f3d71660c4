// The part of the admin API that the demo uses.
import { EventSource } from 'eventsource';

export class AdminApi {
  #base;
  #headers;

  constructor(serviceUri, token) {
    this.#base = `${serviceUri}/api/v1`;
    this.#headers = { authorization: `Bearer ${token}` };
  }

  get(path) {
    return this.#request('GET', path);
  }

  post(path, body) {
    return this.#request('POST', path, body);
  }

  delete(path) {
    return this.#request('DELETE', path);
  }

  /** An event stream, which reconnects by itself after an interruption. */
  open(path) {
    const fetchWithToken = (url, init) => fetch(url, { ...init, headers: { ...init.headers, ...this.#headers } });
    return new EventSource(`${this.#base}/${path}`, { fetch: fetchWithToken });
  }

  async #request(method, path, body) {
    const response = await fetch(`${this.#base}/${path}`, {
      method,
      headers: { ...this.#headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.ok) return text === '' ? undefined : JSON.parse(text);
    throw Object.assign(new Error(`${method} ${path} was answered with ${response.status}: ${text.slice(0, 500)}`), {
      status: response.status,
    });
  }
}
