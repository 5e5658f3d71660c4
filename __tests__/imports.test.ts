import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

interface Import {
  readonly from: string;
  readonly to: string;
  readonly isTypeOnly: boolean;
}

const LIB = join(__dirname, '../lib');
const files = readdirSync(LIB).filter((name) => name.endsWith('.ts'));
const imports = files.flatMap(importsOf);
const values = imports.filter(({ isTypeOnly }) => !isTypeOnly);
const internal = values.filter(({ to }) => files.includes(to));

/** The tops of the house: each may be imported by these only. `testing` is an entry of its own, beside `index`. */
const IMPORTED_BY: Record<string, string[]> = {
  'index.ts': [],
  'protocol-entry.ts': [],
  'testing.ts': [],
  'singleton.ts': ['index.ts', 'testing-settings.ts'],
  'client.ts': ['singleton.ts'],
};
/** What each of the lower storeys leaves to the others. */
const LEAVES_ALONE: Record<string, string[]> = {
  'store.ts': ['evaluate.ts', 'events.ts', 'stream.ts', 'poll.ts', 'connection.ts'],
  'evaluate.ts': ['store.ts', 'events.ts', 'summary.ts', 'connection.ts'],
  'stream.ts': ['store.ts', 'evaluate.ts', 'events.ts', 'poll.ts', 'connection.ts'],
  'poll.ts': ['store.ts', 'evaluate.ts', 'events.ts', 'stream.ts', 'connection.ts'],
  'data-source.ts': ['store.ts', 'evaluate.ts', 'events.ts', 'connection.ts'],
  'events.ts': ['store.ts', 'stream.ts', 'poll.ts', 'connection.ts', 'variations.ts'],
  'connection.ts': ['evaluate.ts', 'events.ts', 'variations.ts', 'snapshot.ts', 'watch.ts'],
  'variations.ts': ['store.ts', 'connection.ts', 'stream.ts', 'poll.ts'],
};
/** Neither timers nor network nor clock nor logger; `bucket.ts` may hash. */
const PURE = [
  'protocol.ts',
  'compile.ts',
  'evaluate.ts',
  'clause.ts',
  'attribute.ts',
  'operators.ts',
  'bucket.ts',
  'sha1-block.ts',
  'context.ts',
  'all-settings.ts',
  'redact.ts',
  'summary.ts',
  'dependents.ts',
  'trace.ts',
  'option-readers.ts',
];
const IMPURE =
  /\bsetTimeout\(|\bsetInterval\(|\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bperformance\.now\(|\bconsole\.|\bprocess\./;
/** `log.ts` itself is handed on as a value; who makes logs is the client alone. */
const MAY_IMPORT_LOG = ['client.ts', 'options.ts'];
const SDK_DEPENDENCIES = { eventsource: 'stream.ts', 'p-retry': 'retry.ts', 'lru-cache': 'events.ts', debug: 'log.ts' };

describe('imports', () => {
  it.each(Object.entries(IMPORTED_BY))('%s is imported by %j only', (file, allowed) => {
    const importers = internal.filter(({ to }) => to === file).map(({ from }) => from);
    expect(importers.filter((from) => !allowed.includes(from))).toEqual([]);
  });

  it.each(Object.entries(LEAVES_ALONE))('of %s lead to none of %j', (file, forbidden) => {
    expect(files).toEqual(expect.arrayContaining([file, ...forbidden]));
    expect(reachableFrom(file).filter((other) => forbidden.includes(other))).toEqual([]);
  });

  it('have no cycle', () => {
    expect(files.flatMap((file) => cycleFrom(file))).toEqual([]);
  });

  it('of each dependency stand in one file', () => {
    const found = values
      .filter(({ to }) => !to.endsWith('.ts') && !to.startsWith('node:'))
      .map(({ from, to }) => [to, from]);
    expect(Object.fromEntries(found)).toEqual(SDK_DEPENDENCIES);
    expect(found).toHaveLength(Object.keys(SDK_DEPENDENCIES).length);
  });

  it('of the log stand where logs are made', () => {
    const importers = internal.filter(({ to }) => to === 'log.ts').map(({ from }) => from);
    expect(importers.filter((from) => !MAY_IMPORT_LOG.includes(from))).toEqual([]);
  });

  it.each(PURE)('of %s, and what it does, keep it pure', (file) => {
    const outside = values.filter(({ from, to }) => from === file && to.startsWith('node:')).map(({ to }) => to);
    expect(outside.filter((name) => !(file === 'bucket.ts' && name === 'node:crypto'))).toEqual([]);
    expect(IMPURE.exec(codeOf(file))?.[0]).toBeUndefined();
  });

  it('of pure files lead to pure files only', () => {
    const timed = ['retry.ts', 'stream.ts', 'poll.ts', 'http.ts', 'store.ts', 'events.ts', 'delivery.ts', 'log.ts'];
    expect(internal.filter(({ from, to }) => PURE.includes(from) && timed.includes(to))).toEqual([]);
  });

  it('never reach into the service', () => {
    expect(imports.filter(({ to }) => to.includes('service'))).toEqual([]);
  });

  it('leave no state in modules', () => {
    const offenders = files.filter((file) =>
      parse(file).statements.some(
        (statement) =>
          ts.isVariableStatement(statement) && (statement.declarationList.flags & ts.NodeFlags.Const) === 0,
      ),
    );
    expect(offenders).toEqual([]);
  });
});

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(join(LIB, file), 'utf8'), ts.ScriptTarget.ESNext, true);
}

function codeOf(file: string): string {
  return readFileSync(join(LIB, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
}

function importsOf(file: string): Import[] {
  const atTheTop = parse(file).statements.flatMap((statement): Import[] => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return [];
    const { moduleSpecifier } = statement;
    if (moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) return [];
    return [{ from: file, to: target(moduleSpecifier.text), isTypeOnly: isTypeOnly(statement) }];
  });
  const inBetween = [...codeOf(file).matchAll(/\bimport\('([^']+)'\)/g)].map(
    ([, specifier]): Import => ({ from: file, to: target(specifier as string), isTypeOnly: false }),
  );
  return [...atTheTop, ...inBetween];
}

function target(specifier: string): string {
  return specifier.replace(/^\.\//, '').replace(/\.js$/, '.ts');
}

function isTypeOnly(statement: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(statement)) {
    const clause = statement.exportClause;
    return (
      statement.isTypeOnly || (!!clause && ts.isNamedExports(clause) && clause.elements.every((e) => e.isTypeOnly))
    );
  }
  const clause = statement.importClause;
  if (clause === undefined) return false;
  if (clause.isTypeOnly) return true;
  const named = clause.namedBindings;
  return !clause.name && !!named && ts.isNamedImports(named) && named.elements.every((e) => e.isTypeOnly);
}

function reachableFrom(start: string): string[] {
  const reached = new Set<string>();
  const queue = [start];
  for (const file of queue) {
    for (const { from, to } of internal) {
      if (from !== file || reached.has(to)) continue;
      reached.add(to);
      queue.push(to);
    }
  }
  return [...reached];
}

/** The path of a cycle that begins and ends here, if there is one. */
function cycleFrom(start: string): string[] {
  const walk = (file: string, path: readonly string[]): string[] => {
    for (const { to } of internal.filter(({ from }) => from === file)) {
      if (to === start) return [[...path, to].join(' → ')];
      if (path.includes(to)) continue;
      const found = walk(to, [...path, to]);
      if (found.length > 0) return found;
    }
    return [];
  };
  return walk(start, [start]);
}
