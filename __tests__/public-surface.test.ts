import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import * as main from '../lib/index.js';
import * as testing from '../lib/testing.js';

// Adding a name is a decision, removing one is a major version.
const VALUES = [
  'FeatheryError',
  'ProtocolError',
  'SDK_VERSION',
  'booleanVariation',
  'booleanVariationDetail',
  'createClient',
  'createMigration',
  'currentSnapshot',
  'fileSource',
  'get',
  'jsonVariation',
  'jsonVariationDetail',
  'numberVariation',
  'numberVariationDetail',
  'setSdkKey',
  'stringVariation',
  'stringVariationDetail',
  'variation',
  'variationDetail',
];
const TYPES = [
  'AllSettingsOptions',
  'AllSettingsState',
  'AnalyticsCounts',
  'ClientEvents',
  'ClientOptions',
  'Context',
  'ContextPart',
  'DefaultOf',
  'ErrorKind',
  'EvaluationSeriesContext',
  'EvaluationSeriesData',
  'FeatheryClient',
  'FeatheryErrorCode',
  'FileSourceOptions',
  'Hook',
  'Json',
  'LocalReceiver',
  'LocalSource',
  'Logger',
  'Migration',
  'MigrationClient',
  'MigrationDetail',
  'MigrationExecution',
  'MigrationOptions',
  'MigrationOrigin',
  'MigrationResult',
  'MigrationStage',
  'MigrationTracker',
  'MigrationWriteResult',
  'MultiKindContext',
  'ProxyOptions',
  'Reason',
  'SettingKey',
  'SettingKeyOf',
  'Settings',
  'SingleKindContext',
  'Snapshot',
  'Status',
  'TlsOptions',
  'TrackSeriesContext',
  'User',
  'ValueOf',
  'VariationDetail',
  'WatchOptions',
];
const CLIENT_METHODS = [
  'addHook',
  'allSettings',
  'booleanVariation',
  'booleanVariationDetail',
  'close',
  'flush',
  'identify',
  'initialized',
  'jsonVariation',
  'jsonVariationDetail',
  'migrationVariation',
  'numberVariation',
  'numberVariationDetail',
  'off',
  'on',
  'once',
  'rotate',
  'runWith',
  'secureModeHash',
  'snapshot',
  'status',
  'stringVariation',
  'stringVariationDetail',
  'track',
  'trackMigration',
  'variation',
  'variationDetail',
  'waitForInitialization',
  'watch',
];

describe('public surface', () => {
  it('of the package is this list of values', () => {
    expect(Object.keys(main).sort()).toEqual(VALUES);
  });

  it('of the package is this list of types', () => {
    expect(namesIn('lib/index.ts').filter((name) => !VALUES.includes(name))).toEqual(TYPES);
  });

  it('of the testing entry is this list of values', () => {
    expect(Object.keys(testing).sort()).toEqual(['faultServer', 'inSegment', 'segment', 'setting', 'settings']);
  });

  it('of a client is this list of methods', async () => {
    const client = testing.settings().client();
    const names = Object.getOwnPropertyNames(Object.getPrototypeOf(client)).filter((name) => name !== 'constructor');
    expect(names.sort()).toEqual(CLIENT_METHODS);
    expect(Object.keys(client)).toEqual([]);
    expect(typeof client[Symbol.asyncDispose]).toBe('function');
    await client.close();
  });

  it('is written as named exports and nothing else', () => {
    const file = parse('lib/index.ts');
    for (const statement of file.statements) {
      expect(
        ts.isExportDeclaration(statement) && statement.exportClause && ts.isNamedExports(statement.exportClause),
      ).toBe(true);
    }
  });
});

function parse(path: string): ts.SourceFile {
  return ts.createSourceFile(path, readFileSync(join(__dirname, '..', path), 'utf8'), ts.ScriptTarget.ESNext);
}

function namesIn(path: string): string[] {
  const names = parse(path).statements.flatMap((statement) =>
    ts.isExportDeclaration(statement) && statement.exportClause && ts.isNamedExports(statement.exportClause)
      ? statement.exportClause.elements.map(({ name }) => name.text)
      : [],
  );
  return names.sort();
}
