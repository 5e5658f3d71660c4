// An app on a database of its own, with an admin token and an SDK key that open it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { type App, createApp } from '../../src/app.js';
import { type Config, createConfig } from '../../src/config.js';
import { createLog } from '../../src/log.js';
import { closeParts, createParts, type Edges, type Parts } from '../../src/parts.js';
import type { ProblemCode } from '../../src/problems.js';
import { type DescribedRoute, problemsOf } from '../../src/route-problems.js';
import { databaseUrlOf } from './every-app.js';

export const ADMIN_TOKEN = 'fta-test-admin-token';
export const SDK_KEY = 'sdk-test-key';

export interface TestApp {
  readonly app: App;
  readonly parts: Parts;
  readonly dataDir: string;
  /** Headers that make a request an admin's. */
  readonly asAdmin: { readonly authorization: string };
  readonly asSdk: { readonly authorization: string };
  close(): Promise<void>;
}

export interface TestAppOptions {
  readonly config?: Partial<Config>;
  /** Default: nothing is logged. */
  readonly log?: Edges['log'];
  readonly now?: () => number;
  readonly random?: () => number;
  /** A folder that outlives the app; by default a new one that goes with it. */
  readonly dataDir?: string;
}

export async function openTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'feathery-test-'));
  const config: Config = {
    ...createConfig(),
    dataDir,
    port: 0,
    logLevel: 'silent',
    adminToken: ADMIN_TOKEN,
    sdkKey: SDK_KEY,
    databaseUrl: await databaseUrlOf(dataDir),
    ...options.config,
  };
  const parts = await createParts(config, {
    log: options.log ?? createLog(config.logLevel),
    now: options.now ?? Date.now,
    random: options.random ?? Math.random,
    passwordCost: { logN: 4, r: 8, p: 1 },
  });
  const app = createApp(parts);
  holdAnswersToSchemas(app);
  await app.ready();
  return {
    app,
    parts,
    dataDir,
    asAdmin: { authorization: `Bearer ${ADMIN_TOKEN}` },
    asSdk: { authorization: SDK_KEY },
    close: async () => {
      await app.close();
      await closeParts(parts);
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

const ajv = new Ajv({ strict: false, formats: { 'date-time': true } });

/** Fails a request whose answer is not what the route's description says, as clients are generated from it. */
function holdAnswersToSchemas(app: App): void {
  app.addHook('preSerialization', async ({ method, routeOptions }, { statusCode }, payload) => {
    const { type, code } = (payload ?? {}) as { type?: unknown; code?: ProblemCode };
    if (String(type).startsWith('urn:feathery:problem:') && routeOptions.url !== undefined) {
      if (problemsOf(routeOptions as DescribedRoute).includes(code as ProblemCode)) return payload;
      throw new Error(`${method} ${routeOptions.url} is not described as answering ${code}`);
    }
    const answers = (routeOptions.schema as { response?: Record<number, object> } | undefined)?.response;
    const schema = answers?.[statusCode];
    if (schema === undefined || 'content' in schema) return payload;
    const isFine = ajv.compile(schema);
    if (isFine(JSON.parse(JSON.stringify(payload)))) return payload;
    throw new Error(`${method} ${routeOptions.url} ${statusCode}: ${ajv.errorsText(isFine.errors)}`);
  });
}
