// The variation methods without a client and a user: those of the request that `client.runWith` has bound. Outside of
// it the default value is the answer, as everywhere where nothing better is known.
import { errorDetail } from './evaluate.js';
import type { VariationDetail } from './hooks.js';
import { boundSnapshots } from './process-state.js';
import type { DefaultOf, SettingKey, SettingKeyOf, ValueOf } from './settings.js';
import type { Snapshot } from './snapshot.js';

/** What `client.runWith` has bound to the present request; undefined outside of it. */
export function currentSnapshot(): Snapshot | undefined {
  return boundSnapshots().getStore();
}

export function variation<K extends SettingKey, D extends DefaultOf<K>>(key: K, defaultValue: D): ValueOf<K, D> {
  const snapshot = currentSnapshot();
  return snapshot === undefined ? (defaultValue as ValueOf<K, D>) : snapshot.variation(key, defaultValue);
}

export function variationDetail<K extends SettingKey, D extends DefaultOf<K>>(
  key: K,
  defaultValue: D,
): VariationDetail<ValueOf<K, D>> {
  const snapshot = currentSnapshot();
  return snapshot === undefined
    ? (unbound(defaultValue) as VariationDetail<ValueOf<K, D>>)
    : snapshot.variationDetail(key, defaultValue);
}

export function booleanVariation(key: SettingKeyOf<boolean>, defaultValue: boolean): boolean {
  const snapshot = currentSnapshot();
  return snapshot === undefined ? defaultValue : snapshot.booleanVariation(key, defaultValue);
}

export function booleanVariationDetail(key: SettingKeyOf<boolean>, defaultValue: boolean): VariationDetail<boolean> {
  const snapshot = currentSnapshot();
  return snapshot === undefined
    ? (unbound(defaultValue) as VariationDetail<boolean>)
    : snapshot.booleanVariationDetail(key, defaultValue);
}

export function stringVariation(key: SettingKeyOf<string>, defaultValue: string): string {
  const snapshot = currentSnapshot();
  return snapshot === undefined ? defaultValue : snapshot.stringVariation(key, defaultValue);
}

export function stringVariationDetail(key: SettingKeyOf<string>, defaultValue: string): VariationDetail<string> {
  const snapshot = currentSnapshot();
  return snapshot === undefined
    ? (unbound(defaultValue) as VariationDetail<string>)
    : snapshot.stringVariationDetail(key, defaultValue);
}

export function numberVariation(key: SettingKeyOf<number>, defaultValue: number): number {
  const snapshot = currentSnapshot();
  return snapshot === undefined ? defaultValue : snapshot.numberVariation(key, defaultValue);
}

export function numberVariationDetail(key: SettingKeyOf<number>, defaultValue: number): VariationDetail<number> {
  const snapshot = currentSnapshot();
  return snapshot === undefined
    ? (unbound(defaultValue) as VariationDetail<number>)
    : snapshot.numberVariationDetail(key, defaultValue);
}

export function jsonVariation<K extends SettingKey, D extends DefaultOf<K>>(key: K, defaultValue: D): ValueOf<K, D> {
  const snapshot = currentSnapshot();
  return snapshot === undefined ? (defaultValue as ValueOf<K, D>) : snapshot.jsonVariation(key, defaultValue);
}

export function jsonVariationDetail<K extends SettingKey, D extends DefaultOf<K>>(
  key: K,
  defaultValue: D,
): VariationDetail<ValueOf<K, D>> {
  const snapshot = currentSnapshot();
  return snapshot === undefined
    ? (unbound(defaultValue) as VariationDetail<ValueOf<K, D>>)
    : snapshot.jsonVariationDetail(key, defaultValue);
}

function unbound(defaultValue: unknown): VariationDetail {
  return { value: defaultValue, variationIndex: null, reason: errorDetail('USER_NOT_SPECIFIED').reason };
}
