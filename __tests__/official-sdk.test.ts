import * as official from '@launchdarkly/node-server-sdk';
import { createClient, type FeatheryClient } from 'feathery-server-sdk';
import { parseVersion } from '../lib/semver.js';
import { generate, type WireData, type WireItem } from './support/generate.js';
import { admin, SDK_KEY, type Service, startService } from './support/service.js';

const SEED = 20_260;
const SETTINGS = 300;
const CONTEXTS = 60;
/** Changes that the service takes in one request. */
const CHANGES_AT_ONCE = 200;
const EVERYONE = 100_000;

const isText = (value: unknown) => typeof value === 'string';
const isNumber = (value: unknown) => typeof value === 'number';
const isDate = (value: unknown) => isNumber(value) || /T.*(Z|[+-]\d\d:\d\d)$/.test(String(value));
const isVersion = (value: unknown) => isText(value) && parseVersion(value as string) !== undefined;
/** What the service takes as the value of a clause, by operator; of others anything. */
const FITS: Record<string, (value: unknown) => boolean> = {
  ...Object.fromEntries(['startsWith', 'endsWith', 'contains', 'matches'].map((op) => [op, isText])),
  ...Object.fromEntries(
    ['lessThan', 'lessThanOrEqual', 'greaterThan', 'greaterThanOrEqual'].map((op) => [op, isNumber]),
  ),
  ...Object.fromEntries(['before', 'after'].map((op) => [op, isDate])),
  ...Object.fromEntries(['semVerEqual', 'semVerLessThan', 'semVerGreaterThan'].map((op) => [op, isVersion])),
};

jest.setTimeout(120_000);

describe('our SDK and the official one, on our service', () => {
  const { data, contexts } = generate(SEED, { settings: SETTINGS, segments: 40, contexts: CONTEXTS });
  let service: Service;
  let ours: FeatheryClient;
  let theirs: official.LDClient;

  beforeAll(async () => {
    service = await startService();
    await upload(service.uri, acceptable(data));
    ours = createClient(SDK_KEY, { serviceUri: service.uri, sendEvents: false });
    theirs = official.init(SDK_KEY, {
      baseUri: service.uri,
      streamUri: service.uri,
      eventsUri: service.uri,
      sendEvents: false,
      logger: official.basicLogger({ level: 'none' }),
    });
    await Promise.all([
      ours.waitForInitialization({ timeoutMs: 20_000 }),
      theirs.waitForInitialization({ timeout: 20 }),
    ]);
  });

  afterAll(async () => {
    theirs?.close();
    await ours?.close();
    await service?.close();
  });

  it('agree on value, variation and reason of every setting for every user', async () => {
    const reasons = new Set<string>();
    const differences = [];
    for (const key of Object.keys(data.flags)) {
      for (const context of contexts) {
        const our = ours.variationDetail<string, unknown>(key, context, 'default');
        const their = await theirs.variationDetail(key, context as official.LDContext, 'default');
        reasons.add(our.reason.kind);
        if (!isSame(our, their)) differences.push({ key, context, our, their });
      }
    }
    expect(differences.slice(0, 3)).toEqual([]);
    // All branches were taken, so agreeing means something.
    expect([...reasons].sort()).toEqual(['FALLTHROUGH', 'OFF', 'PREREQUISITE_FAILED', 'RULE_MATCH', 'TARGET_MATCH']);
  });

  it('agree on the state of all settings', async () => {
    for (const context of contexts) {
      const their = await theirs.allFlagsState(context as official.LDContext, { withReasons: true });
      const our = ours.allSettings(context, { withReasons: true });
      expect(JSON.parse(JSON.stringify(our))).toEqual(JSON.parse(JSON.stringify(their.toJSON())));
    }
  });

  it('agree on the secure mode hash', () => {
    const hashes = contexts.map((context) => ours.secureModeHash(context));
    expect(hashes).toEqual(contexts.map((context) => theirs.secureModeHash(context as official.LDContext)));
  });

  it('agree after a change, and after a deletion', async () => {
    const [changed, deleted] = ['setting-0', 'setting-1'];
    const arrived = Promise.all([updateOf(ours, changed), updateOf(theirs, changed)]);
    await admin(service.uri, 'PATCH', `environments/production/settings/${changed}`, {
      on: true,
      prerequisites: [],
      targets: [],
      contextTargets: [],
      rules: [],
      fallthrough: { variation: 1 },
    });
    await arrived;
    const gone = Promise.all([updateOf(ours, deleted), updateOf(theirs, deleted)]);
    await release(service.uri, deleted);
    await admin(service.uri, 'DELETE', `settings/${deleted}`);
    await gone;
    for (const key of [changed, deleted]) {
      for (const context of contexts) {
        const our = ours.variationDetail<string, unknown>(key, context, 'default');
        expect(our).toEqual(await theirs.variationDetail(key, context as official.LDContext, 'default'));
      }
    }
    expect(ours.variationDetail(deleted, { key: 'alice' }, 0).reason.errorKind).toBe('FLAG_NOT_FOUND');
  });
});

/**
 * Generated data as the service accepts it: references exist, values fit their operator, weights add up, ids differ, and
 * there are no tombstones and no big segments, which it never sends.
 */
function acceptable({ flags, segments }: WireData): WireData {
  const exists = { settings: (key: unknown) => String(key) in flags, segments: keyIn(segments) };
  const clean = (value: unknown, index = 0): unknown => {
    if (Array.isArray(value)) return value.map(clean);
    if (typeof value !== 'object' || value === null) return value;
    const item: Record<string, unknown> = Object.fromEntries(
      Object.entries(value).map(([name, part]) => [name, clean(part)]),
    );
    if ('clauses' in item) item.id = `rule-${index}`;
    if (typeof item.op === 'string' && Array.isArray(item.values)) {
      item.values = item.values.filter(item.op === 'segmentMatch' ? exists.segments : (FITS[item.op] ?? (() => true)));
    }
    if (Array.isArray(item.prerequisites))
      item.prerequisites = item.prerequisites.filter(({ key }) => exists.settings(key));
    if (isRollout(item)) addUp(item.variations);
    return item;
  };
  const cleaned = (items: WireItem[]) => Object.fromEntries(items.map((item) => [item.key, clean(item) as WireItem]));
  return { flags: cleaned(Object.values(flags)), segments: cleaned(Object.values(segments).filter(isKept)) };
}

function keyIn(segments: WireData['segments']): (key: unknown) => boolean {
  const kept = new Set<unknown>(
    Object.values(segments)
      .filter(isKept)
      .map(({ key }) => key),
  );
  return (key) => kept.has(key);
}

function isKept({ deleted, unbounded }: WireItem): boolean {
  return deleted !== true && unbounded !== true;
}

function isRollout(value: Record<string, unknown>): value is { variations: { weight: number }[] } {
  return Array.isArray(value.variations) && value.variations.every((entry) => typeof entry?.weight === 'number');
}

function addUp(entries: { weight: number }[]): void {
  let left = EVERYONE;
  for (const [index, entry] of entries.entries()) {
    entry.weight = index === entries.length - 1 ? left : Math.min(entry.weight, left);
    left -= entry.weight;
  }
}

async function upload(uri: string, { flags, segments }: WireData): Promise<void> {
  for (const { key, variations } of Object.values(flags)) {
    const values = (variations as unknown[]).map((value) => ({ value }));
    await admin(uri, 'POST', 'settings', { key, name: key, type: 'json', variations: values });
  }
  for (const key of Object.keys(segments)) {
    await admin(uri, 'POST', 'environments/production/segments', { key, name: key });
  }
  const changes = [
    ...Object.values(segments).map((item) => ({ segment: item.key, patch: patchOf(item) })),
    ...Object.values(flags).map((item) => ({ setting: item.key, patch: patchOf(item) })),
  ];
  for (let start = 0; start < changes.length; start += CHANGES_AT_ONCE) {
    await admin(uri, 'POST', 'environments/production/changes', {
      changes: changes.slice(start, start + CHANGES_AT_ONCE),
    });
  }
}

/** What the service owns is left out. */
function patchOf({ key: _key, version: _version, deleted: _deleted, variations: _variations, ...patch }: WireItem) {
  return patch;
}

/** Takes a setting out of the prerequisites of all others, so that it can be deleted. */
async function release(uri: string, key: string): Promise<void> {
  const { settings } = await admin<{ settings: { key: string; prerequisites: { key: string }[] }[] }>(
    uri,
    'GET',
    'environments/production/settings?limit=500',
  );
  const changes = settings
    .filter(({ prerequisites }) => prerequisites.some((prerequisite) => prerequisite.key === key))
    .map(({ key: setting, prerequisites }) => ({
      setting,
      patch: { prerequisites: prerequisites.filter((prerequisite) => prerequisite.key !== key) },
    }));
  if (changes.length > 0) await admin(uri, 'POST', 'environments/production/changes', { changes });
}

function updateOf(client: FeatheryClient | official.LDClient, key: string): Promise<void> {
  return new Promise((resolve) => {
    (client as FeatheryClient).once(`update:${key}`, () => resolve());
  });
}

function isSame(our: unknown, their: unknown): boolean {
  return JSON.stringify(sorted(our)) === JSON.stringify(sorted(their));
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, part]) => [name, sorted(part)]));
}
