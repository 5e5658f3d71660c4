import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';

const ROOT = join(__dirname, '..');

interface Block {
  /** `docs/api.md:12`, the line of the opening fence. */
  readonly at: string;
  readonly language: string;
  readonly text: string;
}

/** What a fragment may use without saying where it comes from. */
const PRELUDE = `
import * as sdk from 'feathery-server-sdk';
declare global {
  const client: sdk.FeatheryClient;
  const user: { key: string };
}`;

const pages = [
  ...['README.md', 'CHANGELOG.md', 'examples/README.md', 'service/README.md', 'service/CHANGELOG.md'].filter((file) =>
    existsSync(join(ROOT, file)),
  ),
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
];

const blocks = pages.flatMap(blocksOf);

describe('docs', () => {
  it('has code in it that is checked here', () => {
    expect(blocks.filter(({ language }) => language === 'ts').length).toBeGreaterThan(4);
  });

  it('compiles every TypeScript and JavaScript block', () => {
    const code = blocks.filter(({ language }) => language === 'ts' || language === 'js');
    // What one block declares about the module `feathery-server-sdk` must not reach the others.
    const [alone, together] = partition(code, ({ text }) => text.includes('declare module'));
    const problems = [together, ...alone.map((block) => [block])].flatMap(compile);
    expect(problems).toEqual([]);
  }, 120_000);

  it('parses every JSON block', () => {
    const problems = blocks
      .filter(({ language }) => language === 'json')
      .flatMap(({ at, text }) => {
        try {
          JSON.parse(text);
          return [];
        } catch (error) {
          return [`${at}: ${(error as Error).message}`];
        }
      });
    expect(problems).toEqual([]);
  });

  it.each(pages)('%s links only to what exists', (page) => {
    const dead = linksOf(page).filter((link) => !resolves(page, link));
    expect(dead).toEqual([]);
  });

  it.each(pages)('%s names only npm commands that exist', (page) => {
    const { scripts } = JSON.parse(read('package.json'));
    const named = [...read(page).matchAll(/\bnpm run ([\w:-]+)/g)].map(([, name]) => name as string);
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });
});

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

function blocksOf(page: string): Block[] {
  return [...read(page).matchAll(/^( *)```(\w*)[^\n]*\n([\s\S]*?)^\1```/gm)].map((match) => ({
    at: `${page}:${read(page).slice(0, match.index).split('\n').length}`,
    language: match[2] as string,
    text: (match[3] as string).replaceAll(new RegExp(`^${match[1]}`, 'gm'), ''),
  }));
}

/** Targets of links and images, outside code. */
function linksOf(page: string): string[] {
  const prose = read(page)
    .replaceAll(/^( *)```[\s\S]*?^\1```/gm, '')
    .replaceAll(/`[^`\n]*`/g, '');
  const inline = [...prose.matchAll(/\]\(([^)\s]+)\)/g)];
  const raw = [...prose.matchAll(/(?:src|srcset|href)="([^"]+)"/g)];
  return [...inline, ...raw].map(([, target]) => target as string).filter((target) => !/^[a-z]+:/.test(target));
}

function resolves(page: string, link: string): boolean {
  const [path, anchor] = link.split('#') as [string, string?];
  const file = path === '' ? page : join(dirname(page), path);
  if (!existsSync(join(ROOT, file))) return false;
  return anchor === undefined || anchorsOf(file).has(anchor);
}

/** As GitHub makes them of headings. */
function anchorsOf(page: string): Set<string> {
  const prose = read(page).replaceAll(/^( *)```[\s\S]*?^\1```/gm, '');
  const headings = [...prose.matchAll(/^#+ +(.+)$/gm)].map(([, heading]) => heading as string);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(/\s/g, '-'),
    ),
  );
}

function compile(code: readonly Block[]): string[] {
  if (code.length === 0) return [];
  const config = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile).config,
    ts.sys,
    ROOT,
  );
  const options: ts.CompilerOptions = {
    ...config.options,
    allowJs: true,
    checkJs: true,
    paths: {
      'feathery-server-sdk': [join(ROOT, 'lib/index.ts')],
      'feathery-server-sdk/protocol': [join(ROOT, 'lib/protocol-entry.ts')],
      'feathery-server-sdk/testing': [join(ROOT, 'lib/testing.ts')],
    },
  };
  const files = new Map(code.map((block, index) => [join(ROOT, `docs-block-${index}.${extension(block)}`), block]));
  const prelude = join(ROOT, 'docs-prelude.d.ts');
  const host = ts.createCompilerHost(options);
  const own = (file: string) => (file === prelude ? PRELUDE : asModule(files.get(file)));
  host.readFile = (file) => own(file) ?? ts.sys.readFile(file);
  host.fileExists = (file) => own(file) !== undefined || ts.sys.fileExists(file);
  const program = ts.createProgram([...files.keys(), prelude], options, host);
  return ts.getPreEmitDiagnostics(program).map((diagnostic) => {
    const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ');
    const { file, start = 0 } = diagnostic;
    if (file === undefined) return message;
    const line = file.getLineAndCharacterOfPosition(start).line + 1;
    const block = files.get(file.fileName);
    return block ? `${block.at}, line ${line}: ${message}` : `${relative(ROOT, file.fileName)}:${line}: ${message}`;
  });
}

/** A block is a file of its own: its names meet no other block's. */
function asModule(block: Block | undefined): string | undefined {
  if (block === undefined || /^(import|export)\b/m.test(block.text)) return block?.text;
  return extension(block) === 'cjs' ? block.text : `${block.text}\nexport {};`;
}

function extension({ language, text }: Block): string {
  if (language === 'ts') return 'ts';
  return /\brequire\(/.test(text) ? 'cjs' : 'mjs';
}

function partition<Item>(items: readonly Item[], test: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}
