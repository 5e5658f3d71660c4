const LF = 10;
const CR = 13;
/** The first byte of `retry`, and that of a byte-order mark. */
const LOWER_R = 0x72;
const MARK = 0xef;
/** Longest line that can be a `retry` field we take, with a byte-order mark before it, and a byte that shows it is longer. */
const RETRY_LINE_BYTES = 25;
const RETRY_LINE = /^(?:\xef\xbb\xbf)?retry: ?(\d{1,14})$/;

/**
 * Stands between the network and the parser of `eventsource`, for two things that it leaves open. A CR at the end of a
 * chunk may be a whole line end or half of one, and the parser waits for the next byte to know: with CR line ends, each
 * event would come one event late. And it does not tell of `retry` fields. Each byte is looked at once, whatever the
 * length of a line.
 *
 * @see docs/protocol.md, section 4.4
 */
export class SseBytes {
  readonly #onRetry: (ms: number) => void;
  #afterCr = false;
  /** Start of the line that is arriving; undefined when it is no `retry` field. */
  #line: string | undefined = '';
  /** Only there a byte-order mark is one. */
  #isFirstLine = true;

  constructor(onRetry: (ms: number) => void) {
    this.#onRetry = onRetry;
  }

  /** Returns the chunk with each line end as one LF. */
  pass(chunk: Uint8Array): Uint8Array {
    const bytes = this.#withLineFeeds(chunk);
    this.#findRetry(bytes);
    return bytes;
  }

  #withLineFeeds(chunk: Uint8Array): Uint8Array {
    if (!this.#afterCr && !chunk.includes(CR)) return chunk;
    const bytes = new Uint8Array(chunk.length);
    let length = 0;
    for (const byte of chunk) {
      if (byte !== LF || !this.#afterCr) bytes[length++] = byte === CR ? LF : byte;
      this.#afterCr = byte === CR;
    }
    return bytes.subarray(0, length);
  }

  #findRetry(bytes: Uint8Array): void {
    let start = 0;
    while (start < bytes.length) {
      const lineFeed = bytes.indexOf(LF, start);
      const end = lineFeed === -1 ? bytes.length : lineFeed;
      if (this.#line === '' && start < end && !this.#canBegin(bytes[start])) this.#line = undefined;
      if (this.#line !== undefined) {
        const room = RETRY_LINE_BYTES - this.#line.length;
        if (room > 0) this.#line += latin1(bytes.subarray(start, Math.min(end, start + room)));
      }
      if (lineFeed === -1) return;
      const retry = this.#line === undefined ? null : RETRY_LINE.exec(this.#line);
      if (retry !== null) this.#onRetry(Number(retry[1]));
      this.#line = '';
      this.#isFirstLine = false;
      start = lineFeed + 1;
    }
  }

  /** Whether a `retry` field can begin with the byte. */
  #canBegin(byte: number | undefined): boolean {
    return byte === LOWER_R || (byte === MARK && this.#isFirstLine);
  }
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
