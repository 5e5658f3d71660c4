import { join } from 'node:path';
import ts from 'typescript';

const ROOT = join(__dirname, '..');

const AUGMENTED = `
  import { createClient, type SettingKey } from 'feathery-server-sdk';
  declare module 'feathery-server-sdk' {
    interface Settings { 'new-nav': boolean; 'limit': number; theme: 'light' | 'dark'; layout: { columns: number } }
  }
  const client = createClient('key');
  const user = { key: 'ada' };
`;
const PLAIN = `
  import { createClient, type Context, type Json, type VariationDetail } from 'feathery-server-sdk';
  const client = createClient('key');
  const user = { key: 'ada' };
`;

describe('types', () => {
  describe('with the settings declared', () => {
    accepts('known keys with values of their type', AUGMENTED, [
      "const a: boolean = client.variation('new-nav', user, false);",
      "const a: 'light' | 'dark' = client.variation('theme', user, 'light');",
      "const a: number = client.variation('layout', user, { columns: 2 }).columns;",
      "const a: boolean = client.variationDetail('new-nav', user, true).value;",
      "const a: boolean = client.booleanVariation('new-nav', user, false);",
      "const a: number = client.numberVariation('limit', user, 1);",
      "const a: string = client.stringVariation('theme', user, 'light');",
      "const a: boolean = client.snapshot(user).variation('new-nav', false);",
      "const a: () => void = client.watch('limit', user, 1, (value) => value.toFixed());",
      "for await (const value of client.watch('limit', user, 1)) value.toFixed();",
      "const key = 'limit' as SettingKey; client.variation(key, user, 1);",
    ]);
    refuses('keys and values that do not fit', AUGMENTED, [
      "client.variation('unknown', user, false);",
      "client.variation('new-nav', user, 'on');",
      "client.variation('theme', user, 'blue');",
      "const a: string = client.variation('limit', user, 1);",
      "client.booleanVariation('limit', user, false);",
      "client.numberVariation('theme', user, 1);",
      "client.snapshot(user).variation('unknown', 1);",
      "client.watch('unknown', user, 1);",
      'client.variation(String(1), user, 1);',
    ]);
  });

  describe('without', () => {
    accepts('any key, and takes the type of the default', PLAIN, [
      "const a: boolean = client.variation('a', user, false);",
      "const a: number = client.variation('a', user, 1);",
      "const a: string = client.variation('a', user, 'x');",
      "const a: { deep: number[] } = client.variation('a', user, { deep: [1] });",
      "const a: Json = client.variation('a', user, null);",
      "const a: VariationDetail<boolean> = client.variationDetail('a', user, false);",
      'const a: boolean = client.booleanVariation(String(1), user, false);',
      "if (client.variation('a', user, false) === true) client.close();",
      "client.watch('a', user, 1, (value) => value.toFixed());",
    ]);
    refuses('defaults of another type in the typed forms', PLAIN, [
      "client.booleanVariation('a', user, 'x');",
      "client.numberVariation('a', user, null);",
      "const a: string = client.variation('a', user, false);",
    ]);
  });

  describe('of a user', () => {
    accepts('users, contexts of one kind and of several', PLAIN, [
      "client.variation('a', { key: 'ada', email: 'a@b.c', plan: 'gold' }, 1);",
      "client.variation('a', { kind: 'organization', key: 'acme', plan: 'gold' }, 1);",
      "client.variation('a', { kind: 'multi', user: { key: 'a' }, organization: { key: 'b', plan: 'gold' } }, 1);",
      "interface Account { key: string; plan: string } const a: Account = { key: 'a', plan: 'b' }; client.identify(a);",
      "const a: Context = Object.freeze({ key: 'a' });",
    ]);
    refuses('what has no key', PLAIN, [
      "client.variation('a', {}, 1);",
      "client.variation('a', 'ada', 1);",
      "client.variation('a', { key: 7 }, 1);",
    ]);
  });

  describe('of listeners', () => {
    accepts('the arguments of each event', PLAIN, [
      "client.on('update', ({ key }) => key.length);",
      "client.once('update:a', (change) => change.key.length);",
      "client.off('ready', () => {});",
      "client.on('error', (error) => error.code === 'STREAM');",
      "client.on('failed', async (error) => error.message);",
    ]);
    refuses('other names and arguments', PLAIN, [
      "client.on('unknown', () => {});",
      "client.on('ready', (argument: string) => argument);",
      "client.on('error', (error) => error.code === 'OTHER');",
    ]);
  });
});

function accepts(name: string, prelude: string, statements: readonly string[]): void {
  it(`accept ${name}`, () => {
    expect(compile(prelude, statements).filter(({ problem }) => problem !== undefined)).toEqual([]);
  }, 60_000);
}

function refuses(name: string, prelude: string, statements: readonly string[]): void {
  it(`refuse ${name}`, () => {
    expect(compile(prelude, statements).filter(({ problem }) => problem === undefined)).toEqual([]);
  }, 60_000);
}

/** Read once for all programs. */
const parsed = new Map<string, ts.SourceFile | undefined>();

/** Each statement in a function of its own, and the first thing the compiler has to say about it. */
function compile(prelude: string, statements: readonly string[]) {
  const lines = statements.map(
    (statement) => `export async function _${statements.indexOf(statement)}() { ${statement} }`,
  );
  const head = prelude.replaceAll('\n', ' ');
  const file = join(ROOT, '__tests__/virtual.ts');
  const text = [head, ...lines].join('\n');
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: true,
    paths: { 'feathery-server-sdk': [join(ROOT, 'lib/index.ts')] },
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => name === file || fileExists(name);
  host.getSourceFile = (name, ...rest) => {
    if (name === file) return ts.createSourceFile(name, text, ts.ScriptTarget.ES2023);
    if (!parsed.has(name)) parsed.set(name, getSourceFile(name, ...rest));
    return parsed.get(name);
  };
  const program = ts.createProgram([file], options, host);
  const source = program.getSourceFile(file);
  const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  const problems = new Map(
    found.map(({ start = 0, messageText }) => [
      source?.getLineAndCharacterOfPosition(start).line,
      ts.flattenDiagnosticMessageText(messageText, ' '),
    ]),
  );
  if (problems.has(0)) throw new Error(`The prelude does not compile: ${problems.get(0)}`);
  return statements.map((statement, index) => ({ statement, problem: problems.get(index + 1) }));
}
