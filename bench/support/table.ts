/** Prints rows as a Markdown table, numbers to the right. The first row is the head. */
export function printTable(title: string, rows: readonly (readonly string[])[]): void {
  const [head = [], ...body] = rows;
  const widths = head.map((_, column) => Math.max(3, ...rows.map((row) => [...(row[column] ?? '')].length)));
  const line = (row: readonly string[]) =>
    `| ${widths.map((width, column) => pad(row[column] ?? '', width, column)).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  console.log(`\n${title}\n\n${[line(head), rule, ...body.map(line)].join('\n')}`);
}

/** Three significant digits, thousands apart. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const rounded = Number(value.toPrecision(3));
  return rounded.toLocaleString('en-US', { maximumFractionDigits: 4 });
}

export function times(value: number): string {
  return Number.isFinite(value) ? `${figure(value)} ×` : '–';
}

function pad(text: string, width: number, column: number): string {
  const space = ' '.repeat(width - [...text].length);
  return column === 0 ? text + space : space + text;
}
