// The picture of the README: ratios only, on a logarithmic scale, readable on light and dark pages.
import { writeFileSync } from 'node:fs';

export interface PictureRow {
  readonly title: string;
  /** Time per call of each contestant, in any unit. */
  readonly taken: ReadonlyMap<string, number>;
}

export interface PictureOptions {
  readonly file: URL;
  readonly title: string;
  readonly caption: string;
  /** To which all others are compared. */
  readonly unit: string;
  /** In the order of the legend, each with its label. */
  readonly labels: Readonly<Record<string, string>>;
  readonly rows: readonly PictureRow[];
}

const WIDTH = 920;
const LEFT = 250;
const RIGHT = 40;
const ROW = 44;
const TOP = 108;
const POWERS = [-1, 0, 1, 2, 3, 4];
const STYLE = `
    .page { fill: #ffffff; stroke: #d9dee6; }
    .name { fill: #1a1d23; font-size: 16px; font-weight: 600; }
    .text { fill: #4a5260; font-size: 13px; }
    .grid { stroke: #d9dee6; } .one { stroke: #2f62e8; stroke-width: 2; }
    .c0 { fill: #2f62e8; } .c1 { fill: #b3261e; } .c2 { fill: #6b7280; } .c3 { fill: #12805c; }
    .c4 { fill: #8a5a00; } .c5 { fill: #7b3fb5; } .c6 { fill: #0e7490; }
    @media (prefers-color-scheme: dark) {
      .page { fill: #14171c; stroke: #2d333d; }
      .name { fill: #e8eaee; } .text { fill: #a7b0bf; }
      .grid { stroke: #2d333d; } .one { stroke: #7ea2ff; }
      .c0 { fill: #7ea2ff; } .c1 { fill: #ff8a80; } .c2 { fill: #a7b0bf; } .c3 { fill: #4fd1a1; }
      .c4 { fill: #f0b95b; } .c5 { fill: #c89bf0; } .c6 { fill: #67d3e8; }
    }`;

export function writePicture(options: PictureOptions): void {
  writeFileSync(options.file, createPicture(options));
}

function createPicture({ title, caption, unit, labels, rows }: PictureOptions): string {
  const height = TOP + rows.length * ROW + 44;
  const bottom = TOP + rows.length * ROW;
  const names = Object.keys(labels);
  const grid = POWERS.map((power) => {
    const x = place(10 ** power);
    const label = power === 0 ? labels[unit] : `${(10 ** power).toLocaleString('en-US')} ×`;
    return `  <line class="${power === 0 ? 'one' : 'grid'}" x1="${x}" y1="${TOP - 12}" x2="${x}" y2="${bottom}"/>
  <text class="text" x="${x}" y="${bottom + 22}" text-anchor="middle">${label}</text>`;
  });
  const marks = rows.map(({ title: rowTitle, taken }, index) => {
    const y = TOP + index * ROW + ROW / 2 - 6;
    const own = taken.get(unit) as number;
    const dots = names.flatMap((name, color) => {
      const value = taken.get(name);
      return value === undefined ? [] : [shape(color, place(value / own), y)];
    });
    return `  <text class="text" x="24" y="${y + 4}">${rowTitle}</text>\n  ${dots.join('\n  ')}`;
  });
  const legend = names.map((name, color) => {
    const x = 24 + color * 126;
    return `  ${shape(color, x + 6, 74)}\n  <text class="text" x="${x + 18}" y="78">${labels[name]}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title desc" font-family="system-ui, -apple-system, Segoe UI, sans-serif">
  <title id="title">${title}</title>
  <desc id="desc">${caption}</desc>
  <style>${STYLE}
  </style>
  <rect class="page" x="1" y="1" width="${WIDTH - 2}" height="${height - 2}" rx="14"/>
  <text class="name" x="24" y="34">${title}</text>
  <text class="text" x="24" y="54">${caption}</text>
${[...legend, ...grid, ...marks].join('\n')}
</svg>
`;
}

function place(ratio: number): number {
  const [first, last] = [POWERS[0] as number, POWERS.at(-1) as number];
  const share = (Math.log10(ratio) - first) / (last - first);
  return Math.round((LEFT + Math.min(1, Math.max(0, share)) * (WIDTH - LEFT - RIGHT)) * 10) / 10;
}

/** Told apart without colour, too: a disc for us, a diamond for the limit, squares and discs of two sizes for the rest. */
function shape(color: number, x: number, y: number): string {
  if (color === 0) return `<circle class="c0" cx="${x}" cy="${y}" r="7"/>`;
  if (color === 2) return `<path class="c2" d="M${x} ${y - 6} ${x + 6} ${y} ${x} ${y + 6} ${x - 6} ${y}z"/>`;
  if (color % 2 === 1) return `<rect class="c${color}" x="${x - 5}" y="${y - 5}" width="10" height="10"/>`;
  return `<circle class="c${color}" cx="${x}" cy="${y}" r="5"/>`;
}
