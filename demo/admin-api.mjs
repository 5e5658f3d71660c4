// The part of the admin API that the demo uses.

export class AdminApi {
  #base;
  #token;

  constructor(serviceUri, token) {
    this.#base = `${serviceUri}/api/v1`;
    this.#token = token;
  }

  get(path) {
    return this.#request('GET', path);
  }

  post(path, body) {
    return this.#request('POST', path, body);
  }

  async #request(method, path, body) {
    const response = await fetch(`${this.#base}/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.ok) return text === '' ? undefined : JSON.parse(text);
    throw Object.assign(new Error(`${method} ${path} was answered with ${response.status}: ${text.slice(0, 500)}`), {
      status: response.status,
    });
  }
}
