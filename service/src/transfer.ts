// Settings and segments of a whole service as JSON: out of one, into another.
import type { Setting } from 'feathery-server-sdk/protocol';
import { initialSetting, newSalt, valuesOf } from './definition.js';
import type { Draft } from './draft.js';
import type { EnvironmentDraft } from './environment-draft.js';
import type { Feed } from './feed.js';
import { type DescribedSegment, describe, setSegment } from './operations.js';
import { escapePointer, invalidBody, type Violation } from './problems.js';
import { changeSetting, createSetting, type DefinitionFields, type NewSetting } from './settings.js';
import type { Database } from './storage/database.js';
import { type Definition, listDefinitions } from './storage/definitions.js';
import { patchFaults } from './validate.js';
import { completeSegment, completeSetting } from './wire.js';

export const EXPORT_FORMAT = 'feathery-export';
export const EXPORT_FORMAT_VERSION = 1;

/** What an import brings, wherever it comes from. */
export interface ImportData {
  readonly settings: readonly NewSetting[];
  readonly environments: readonly ImportedEnvironment[];
}

export interface ImportedEnvironment {
  readonly key: string;
  readonly name?: string;
  /** By key, as they are on the wire. */
  readonly settings: Readonly<Record<string, Partial<Setting>>>;
  readonly segments: Readonly<Record<string, Partial<DescribedSegment>>>;
}

/** Everything people have set. No keys, no members: those stay where they are. */
export interface ServiceExport extends ImportData {
  readonly format: typeof EXPORT_FORMAT;
  readonly formatVersion: typeof EXPORT_FORMAT_VERSION;
  readonly exportedAt: string;
}

export async function exportService(database: Database, feed: Feed, now: number): Promise<ServiceExport> {
  const definitions = await listDefinitions(database, { limit: Number.MAX_SAFE_INTEGER });
  return {
    format: EXPORT_FORMAT,
    formatVersion: EXPORT_FORMAT_VERSION,
    exportedAt: new Date(now).toISOString(),
    settings: definitions.map(exportDefinition),
    environments: [...feed.environments.values()].map(({ key, name, settings, segments, segmentMeta }) => ({
      key,
      name,
      settings: Object.fromEntries(settings),
      segments: Object.fromEntries(
        [...segments].map(([segmentKey, segment]) => {
          const meta = segmentMeta.get(segmentKey);
          return [segmentKey, meta === undefined ? segment : describe(segment, meta)];
        }),
      ),
    })),
  };
}

export interface ImportLimits {
  readonly now: number;
  readonly maxSettings: number;
}

/**
 * Brings settings and segments to what an import says. What it does not name stays as it is.
 *
 * @throws Problem 422 that names the item by JSON pointer.
 */
export async function importInto(draft: Draft, data: ImportData, limits: ImportLimits): Promise<void> {
  for (const [index, wish] of data.settings.entries()) {
    await importDefinition(draft, wish, limits, `/settings/${index}`);
  }
  for (const [index, environment] of data.environments.entries()) {
    await importEnvironment(draft, environment, `/environments/${index}`);
  }
}

function exportDefinition({ key, name, description, type, tags, variations, valueSchema }: Definition): NewSetting {
  return { key, name, description, type, tags, variations, valueSchema };
}

async function importDefinition(draft: Draft, wish: NewSetting, limits: ImportLimits, at: string): Promise<void> {
  try {
    if ((await draft.findDefinition(wish.key)) === undefined) await createSetting(draft, wish, limits);
    else await changeSetting(draft, wish.key, fieldsOf(wish), { now: limits.now, expected: undefined });
  } catch (error) {
    throw atPointer(error, at);
  }
}

function fieldsOf({ key: _, ...fields }: NewSetting): DefinitionFields {
  return fields;
}

async function importEnvironment(draft: Draft, imported: ImportedEnvironment, at: string): Promise<void> {
  const environment = draft.environment(imported.key);
  for (const [key, segment] of Object.entries(imported.segments)) {
    importSegment(environment, key, segment, `${at}/segments/${escapePointer(key)}`);
  }
  for (const [key, setting] of Object.entries(imported.settings)) {
    const pointer = `${at}/settings/${escapePointer(key)}`;
    const definition = await draft.findDefinition(key);
    if (definition === undefined) throw invalidBody([{ pointer, detail: 'is not among the settings' }]);
    importSetting(environment, definition, setting, pointer);
  }
}

function importSetting(draft: EnvironmentDraft, definition: Definition, wish: Partial<Setting>, at: string): void {
  const { key } = definition;
  checkShape('setting', wish, at);
  const complete = completeSetting({ ...initialSetting(definition), ...wish, key, version: 0 });
  const salt = wish.salt || draft.setting(key)?.salt || newSalt();
  draft.setSetting({ ...complete, variations: valuesOf(definition), salt });
}

function importSegment(draft: EnvironmentDraft, key: string, wish: Partial<DescribedSegment>, at: string): void {
  checkShape('segment', wish, at);
  const { name = key, description = '', tags = [] } = wish;
  const salt = wish.salt || draft.segment(key)?.salt || newSalt();
  setSegment(draft, { ...completeSegment({ ...wish, key, version: 0, salt }), name, description, tags });
}

function checkShape(kind: 'setting' | 'segment', item: unknown, at: string): void {
  const faults = patchFaults(kind, item);
  if (faults.length > 0) throw invalidBody(below(faults, at));
}

/** The same problem, with its pointers below `at`. */
function atPointer(error: unknown, at: string): unknown {
  const { code, members } = error as { code?: string; members?: { errors?: readonly Violation[] } };
  return code === 'invalid_body' && members?.errors ? invalidBody(below(members.errors, at)) : error;
}

function below(faults: readonly Violation[], at: string): Violation[] {
  return faults.map(({ pointer, detail }) => ({ pointer: at + pointer, detail }));
}
