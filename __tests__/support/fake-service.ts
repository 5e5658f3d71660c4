import type { Fetch, FetchInit, FetchResponse } from '../../lib/http.js';

/** One request to a fake service, answered by the test. Nothing touches the network, so fake timers rule all. */
export class FakeRequest {
  readonly response: Promise<FetchResponse>;
  #resolve!: (response: FetchResponse) => void;
  #reject!: (error: unknown) => void;
  readonly #chunks: (Uint8Array | null | Error)[] = [];
  #wake: () => void = () => {};

  constructor(
    readonly url: string,
    readonly init: FetchInit,
  ) {
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    init.signal?.addEventListener('abort', this.#abort, { once: true });
  }

  readonly #abort = (): void => void this.fail(this.init.signal?.reason);

  get isAborted(): boolean {
    return this.init.signal?.aborted === true;
  }

  get body(): unknown {
    return JSON.parse(String(this.init.body));
  }

  answer(status: number, headers: Record<string, string> = {}): this {
    const get = (name: string) =>
      Object.entries(headers).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1] ?? null;
    this.#resolve({ status, headers: { get }, body: this.#body() });
    return this;
  }

  send(text: string): this {
    return this.#push(Buffer.from(text));
  }

  /** Ends the body properly. */
  end(): this {
    this.init.signal?.removeEventListener('abort', this.#abort);
    return this.#push(null);
  }

  /** Breaks the connection, before or after the headers. */
  fail(error: unknown): this {
    this.init.signal?.removeEventListener('abort', this.#abort);
    this.#reject(error);
    return this.#push(error instanceof Error ? error : new Error('aborted'));
  }

  #push(chunk: Uint8Array | null | Error): this {
    this.#chunks.push(chunk);
    this.#wake();
    return this;
  }

  async *#body(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk === null) return;
      if (chunk instanceof Error) throw chunk;
      if (chunk !== undefined) yield chunk;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}

/** A `fetch` whose answers the test gives by hand, or by `answer` as each request comes. */
export class FakeService {
  readonly requests: FakeRequest[] = [];
  /** Times of the requests, by the clock in force. */
  readonly times: number[] = [];

  constructor(public answer: (request: FakeRequest) => void = () => {}) {}

  readonly fetch: Fetch = (url, init = {}) => {
    const request = new FakeRequest(url, init);
    this.requests.push(request);
    this.times.push(Date.now());
    this.answer(request);
    return request.response;
  };

  /** The n-th request (from 0); it must have been made. */
  request(n: number): FakeRequest {
    const request = this.requests[n];
    if (request === undefined) throw new Error(`There were ${this.requests.length} requests`);
    return request;
  }
}
