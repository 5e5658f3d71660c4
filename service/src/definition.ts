// A setting's definition: its defaults, its faults, and what it begins as in an environment. Pure but for the salt.
import { randomBytes } from 'node:crypto';
import type { Json, Setting } from 'feathery-server-sdk/protocol';
import { MAX_VALUE_BYTES } from './limits.js';
import { isSameJson } from './merge-patch.js';
import type { Violation } from './problems.js';
import type { Definition, SettingType, Variation } from './storage/definitions.js';
import { withinTime } from './time-limit.js';
import { compileValueSchema } from './value-schema.js';

const BOOLEAN_VARIATIONS: readonly Variation[] = [
  { value: true, name: 'On', description: '' },
  { value: false, name: 'Off', description: '' },
];

const BELONGS_TO_TYPE: Readonly<Record<SettingType, (value: Json) => boolean>> = {
  boolean: (value) => typeof value === 'boolean',
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  json: () => true,
};

/** What variations a new setting has when none are named: true and false for a boolean, none otherwise. */
export function defaultVariations(type: SettingType): readonly Variation[] {
  return type === 'boolean' ? BOOLEAN_VARIATIONS : [];
}

export function valuesOf({ variations }: Definition): Json[] {
  return variations.map(({ value }) => value);
}

/** The setting as it begins in every environment: off, the last variation when off, else the first. */
export function initialSetting(definition: Definition): Setting {
  return {
    key: definition.key,
    version: 0,
    on: false,
    variations: valuesOf(definition),
    offVariation: definition.variations.length - 1,
    fallthrough: { variation: 0 },
    salt: newSalt(),
  };
}

/** Decides, with the key, who is on which side of a rollout; a new one deals anew. */
export function newSalt(): string {
  return randomBytes(8).toString('hex');
}

export function definitionFaults({ type, variations, valueSchema }: Definition): Violation[] {
  if (variations.length === 0) return [{ pointer: '/variations', detail: `a ${type} setting needs at least one` }];
  const schema = compileValueSchema(valueSchema);
  if (typeof schema === 'string') return [{ pointer: '/valueSchema', detail: schema }];
  const faults: Violation[] = [];
  const mismatches = withinTime(() => variations.map(({ value }) => schema(value)));
  for (const [index, { value }] of variations.entries()) {
    const fault = valueFault(value, type) ?? mismatches[index] ?? repetition(variations, index);
    if (fault !== undefined) faults.push({ pointer: `/variations/${index}/value`, detail: fault });
  }
  return faults;
}

function valueFault(value: Json, type: SettingType): string | undefined {
  if (!BELONGS_TO_TYPE[type](value)) return `must be of type ${type}`;
  const bytes = Buffer.byteLength(JSON.stringify(value));
  return bytes > MAX_VALUE_BYTES ? `has ${bytes} bytes; at most ${MAX_VALUE_BYTES} are allowed` : undefined;
}

function repetition(variations: readonly Variation[], index: number): string | undefined {
  const value = variations[index]?.value;
  const first = variations.findIndex((variation) => isSameJson(variation.value, value));
  return first < index ? `is the same value as variation ${first}` : undefined;
}
