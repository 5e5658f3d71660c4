import { condense, diffJson, diffLines } from '../../dashboard/src/diff.js';

const short = (lines: ReturnType<typeof diffLines>) =>
  lines.map(({ kind, text }) => `${{ same: ' ', added: '+', removed: '-' }[kind]}${text}`);

describe('a difference', () => {
  it('is the shortest way from one to the other', () => {
    expect(short(diffLines(['a', 'b', 'c', 'd'], ['a', 'x', 'c', 'd', 'e']))).toEqual([
      ' a',
      '-b',
      '+x',
      ' c',
      ' d',
      '+e',
    ]);
  });

  it('of what was not there is all added', () => {
    expect(short(diffJson(undefined, [1]))).toEqual(['+[', '+  1', '+]']);
  });

  it('leaves out what is far from any change, and says how much', () => {
    const lines = Array.from({ length: 20 }, (_, index) => String(index));
    const shown = condense(diffLines(lines, lines.with(10, 'x')));
    expect(shown[0]).toBe(8);
    expect(shown.at(-1)).toBe(7);
    expect(shown).toHaveLength(8);
  });
});
