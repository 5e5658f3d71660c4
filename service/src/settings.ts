// What happens to a setting in every environment at once: plans for `Changes.commit`.
import type { Json } from 'feathery-server-sdk/protocol';
import { defaultVariations, definitionFaults, initialSetting, valuesOf } from './definition.js';
import type { Draft } from './draft.js';
import { etagOf, isStale } from './etag.js';
import { isSameJson } from './merge-patch.js';
import { invalidBody, Problem } from './problems.js';
import type { Definition, SettingType } from './storage/definitions.js';

export interface VariationWish {
  readonly value: Json;
  readonly name?: string | null;
  readonly description?: string | null;
}

/** The fields of a definition as a request names them; null and absent mean the same. */
export interface DefinitionFields {
  readonly name?: string | null;
  readonly description?: string | null;
  readonly type?: SettingType | null;
  readonly tags?: readonly string[] | null;
  readonly variations?: readonly VariationWish[] | null;
  readonly valueSchema?: Definition['valueSchema'];
}

export interface NewSetting extends DefinitionFields {
  readonly key: string;
  readonly type: SettingType;
}

/** Creates a setting, off in every environment. @throws Problem 409 for a key that is taken, 422 for faults. */
export async function createSetting(
  draft: Draft,
  wish: NewSetting,
  { now, maxSettings }: { now: number; maxSettings: number },
): Promise<Definition> {
  if ((await draft.findDefinition(wish.key)) !== undefined) {
    throw new Problem('already_exists', `There is a setting "${wish.key}" already.`);
  }
  if ((await draft.countDefinitions()) >= maxSettings) {
    throw new Problem('limit_reached', `This service keeps at most ${maxSettings} settings.`);
  }
  const definition: Definition = {
    key: wish.key,
    version: (await draft.lastDefinitionVersion(wish.key)) + 1,
    name: wish.name ?? wish.key,
    description: wish.description ?? '',
    type: wish.type,
    tags: wish.tags ?? [],
    variations: wish.variations?.map(completeVariation) ?? defaultVariations(wish.type),
    valueSchema: wish.valueSchema ?? null,
    createdAt: now,
    updatedAt: now,
  };
  checkDefinition(definition);
  draft.setDefinition(undefined, definition);
  for (const environment of draft.environments()) environment.setSetting(initialSetting(definition));
  return definition;
}

/**
 * Changes what a setting is in every environment. A field that is named replaces the present one as a whole.
 *
 * @param expected - Version that the change was made for; undefined for any.
 * @throws Problem 404, 412, 422
 */
export async function changeSetting(
  draft: Draft,
  key: string,
  fields: DefinitionFields,
  { now, expected }: { now: number; expected: number | undefined },
): Promise<Definition> {
  const before = await draft.definition(key);
  checkVersion(before, expected);
  const type = fields.type ?? before.type;
  const changed: Definition = {
    ...before,
    type,
    name: fields.name === undefined ? before.name : (fields.name ?? key),
    description: fields.description === undefined ? before.description : (fields.description ?? ''),
    tags: fields.tags === undefined ? before.tags : (fields.tags ?? []),
    variations: fields.variations?.map(completeVariation) ?? before.variations,
    valueSchema: fields.valueSchema === undefined ? before.valueSchema : fields.valueSchema,
  };
  if (isSameJson(changed as never, before as never)) return before;
  checkType(before, type);
  checkDefinition(changed);
  const after = { ...changed, version: before.version + 1, updatedAt: now };
  draft.setDefinition(before, after);
  if (isSameJson(valuesOf(after), valuesOf(before))) return after;
  for (const environment of draft.environments()) {
    const setting = environment.setting(key) ?? initialSetting(after);
    environment.setSetting({ ...setting, variations: valuesOf(after) });
  }
  return after;
}

/** Deletes a setting everywhere. @throws Problem 404, 409 when another setting needs it, 412 */
export async function deleteSetting(draft: Draft, key: string, expected: number | undefined): Promise<void> {
  const definition = await draft.definition(key);
  checkVersion(definition, expected);
  draft.removeDefinition(definition);
  for (const environment of draft.environments()) {
    if (environment.setting(key) !== undefined) environment.remove({ kind: 'setting', key });
  }
}

function completeVariation({ value, name, description }: VariationWish): Definition['variations'][number] {
  return { value, name: name ?? '', description: description ?? '' };
}

function checkVersion(definition: Definition, expected: number | undefined): void {
  if (!isStale(definition.version, expected)) return;
  throw new Problem('stale_version', `It is at version ${definition.version} by now. Look at it again.`, {
    headers: { etag: etagOf(definition.version) },
    members: { current: definition },
  });
}

/** Applications already receive the present values: they must be of the new type as well. */
function checkType(before: Definition, type: Definition['type']): void {
  if (type === before.type) return;
  const faults = definitionFaults({ ...before, type, valueSchema: null });
  if (faults.length === 0) return;
  throw invalidBody([{ pointer: '/type', detail: `cannot become ${type}: it serves values of type ${before.type}` }]);
}

function checkDefinition(definition: Definition): void {
  const faults = definitionFaults(definition);
  if (faults.length > 0) throw invalidBody(faults);
}
