import createDebug from 'debug';
import { createLog, isLogger } from '../lib/log.js';

function recorder() {
  const lines: string[] = [];
  const write = (level: string) => (message: string) => lines.push(`${level}: ${message}`);
  return { lines, error: write('error'), warn: write('warn'), info: write('info'), debug: write('debug') };
}

describe('log', () => {
  afterEach(() => jest.restoreAllMocks());

  it('gives the logger one string at each level', () => {
    const logger = recorder();
    const log = createLog(logger, 'client');
    log.error('a');
    log.warn('b');
    log.info('c');
    log.debug('%s is %d', 'd', 4);
    expect(logger.lines).toEqual(['error: a', 'warn: b', 'info: c', 'debug: d is 4']);
  });

  it('writes warnings and errors, and only those, to the console without a logger', () => {
    const calls: unknown[][] = [];
    for (const level of ['error', 'warn', 'info', 'debug', 'log'] as const) {
      jest.spyOn(console, level).mockImplementation((...args) => void calls.push([level, ...args]));
    }
    const log = createLog(undefined, 'client');
    log.error('a');
    log.warn('b');
    log.info('c');
    log.debug('d');
    expect(calls).toEqual([
      ['error', 'feathery: a'],
      ['warn', 'feathery: b'],
    ]);
  });

  it('writes detail to the namespace of its part when that is enabled, also later', async () => {
    const written: string[] = [];
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    const store = createLog(undefined, 'store');
    store.debug('too early');
    createDebug.enable('feathery:store');
    store.debug('applied %d', 3);
    createLog(undefined, 'stream').debug('not shown');
    // The first line waits for `debug` to be loaded.
    await new Promise(setImmediate);
    createDebug.disable();
    expect(written.join('')).toMatch(/feathery:store .*applied 3/);
    expect(written.join('')).not.toMatch(/not shown|too early/);
  });

  it('survives a logger that throws', () => {
    const fail = () => {
      throw new Error('no');
    };
    const log = createLog({ error: fail, warn: fail, info: fail, debug: fail }, 'client');
    expect(() => {
      log.error('a');
      log.debug('b');
    }).not.toThrow();
  });

  it('tells what can be used as a logger', () => {
    expect(isLogger(console)).toBe(true);
    expect(isLogger({ error() {} })).toBe(false);
    expect(isLogger(null)).toBe(false);
  });
});
