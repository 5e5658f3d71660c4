import { SseBytes } from '../lib/sse-bytes.js';

/** Passes the parts through and returns the text that comes out and the delays it told. */
function pass(...parts: readonly (string | Uint8Array)[]) {
  const delays: number[] = [];
  const bytes = new SseBytes((ms) => delays.push(ms));
  const out = parts.map((part) => bytes.pass(Buffer.from(part as string)));
  return { text: Buffer.concat(out).toString(), delays };
}

const cutEverywhere = (text: string) =>
  Array.from(
    Buffer.from(text),
    (_, at, bytes = Buffer.from(text)) => [bytes.subarray(0, at), bytes.subarray(at)] as const,
  );

describe('SSE bytes', () => {
  it('returns a chunk without CR as it is, uncopied', () => {
    const chunk = Buffer.from('data: ü\n\n');
    expect(new SseBytes(() => {}).pass(chunk)).toBe(chunk);
  });

  it.each(['\r', '\r\n', '\n'])('turns line ends %j into LF, wherever the chunks are cut', (end) => {
    const text = ['event: put', 'data: {"é": 1}', '', ': x', '', ''].join(end);
    const expected = text.replaceAll(end, '\n');
    for (const parts of cutEverywhere(text)) expect(pass(...parts).text).toBe(expected);
  });

  it('ends a line as soon as its CR is there', () => {
    expect(pass('data: 1\r\r').text).toBe('data: 1\n\n');
  });

  it('keeps two line feeds apart, and a CR after a CRLF', () => {
    expect(pass('a\r\n\n\r\nb\r\r\n').text).toBe('a\n\n\nb\n\n');
  });

  it.each(['event: x\nretry: 1500\ndata: 1\n\n', '\ufeffretry: 1500\r\ndata: 1\n\n'])(
    'tells of the retry field in %j, wherever the chunks are cut',
    (text) => {
      for (const parts of cutEverywhere(text)) expect(pass(...parts).delays).toEqual([1500]);
    },
  );

  it.each([
    ['retry:7\n', [7]],
    ['retry: 0\n', [0]],
    ['\ufeffretry: 99999999999999\n', [99_999_999_999_999]],
    ['retry: 1\r\rretry: 2\r\n', [1, 2]],
  ])('reads the delay in %j', (text, expected) => {
    expect(pass(text).delays).toEqual(expected);
  });

  it.each([
    'retry\n',
    'retry:\n',
    'retry: \n',
    'retry:  5\n',
    'retry: 5 \n',
    'retry: -5\n',
    'retry: 1.5\n',
    'retry: 1e3\n',
    'retry: 9999999999999999999999999\n',
    'retry: 999999999999999\n',
    '\ufeffretry: 999999999999999\n',
    '\ufeffretry: 99999999999999x\n',
    '\n\ufeffretry: 5\n',
    'Retry: 5\n',
    ' retry: 5\n',
    ': retry: 5\n',
    'data: retry: 5\n',
    'data: x retry: 5',
    'retry: 5',
  ])('finds no delay in %j', (text) => {
    expect(pass(text).delays).toEqual([]);
  });
});
