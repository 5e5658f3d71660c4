import type { AllSettingsOptions, AllSettingsState } from './all-settings.js';
import type { Context } from './context.js';
import type { VariationDetail } from './hooks.js';
import type { DefaultOf, SettingKey, SettingKeyOf, ValueOf } from './settings.js';
import type { StoreView } from './store.js';
import { type Caller, callersOf, type Variations } from './variations.js';

const CALLERS = callersOf('Snapshot');

/** One user, and the settings as they were at one moment: the answers stay the same for as long as it is held. */
export class Snapshot {
  readonly user: Context;
  readonly #variations: Variations;
  readonly #view: StoreView | undefined;

  /**
   * @internal
   * @param view - Undefined when there was no data yet.
   */
  constructor(variations: Variations, view: StoreView | undefined, user: Context) {
    this.#variations = variations;
    this.#view = view;
    this.user = user;
  }

  /** Revision of the environment at that moment; null when the service does not tell or there was no data. */
  get revision(): number | null {
    return this.#view?.revision ?? null;
  }

  /** See the method of the same name of `FeatheryClient`, here and below. */
  variation<K extends SettingKey, D extends DefaultOf<K>>(key: K, defaultValue: D): ValueOf<K, D> {
    return this.#value(CALLERS.variation, key, defaultValue) as ValueOf<K, D>;
  }

  variationDetail<K extends SettingKey, D extends DefaultOf<K>>(
    key: K,
    defaultValue: D,
  ): VariationDetail<ValueOf<K, D>> {
    return this.#detail(CALLERS.variationDetail, key, defaultValue) as VariationDetail<ValueOf<K, D>>;
  }

  booleanVariation(key: SettingKeyOf<boolean>, defaultValue: boolean): boolean {
    return this.#value(CALLERS.booleanVariation, key, defaultValue) as boolean;
  }

  booleanVariationDetail(key: SettingKeyOf<boolean>, defaultValue: boolean): VariationDetail<boolean> {
    return this.#detail(CALLERS.booleanVariationDetail, key, defaultValue) as VariationDetail<boolean>;
  }

  stringVariation(key: SettingKeyOf<string>, defaultValue: string): string {
    return this.#value(CALLERS.stringVariation, key, defaultValue) as string;
  }

  stringVariationDetail(key: SettingKeyOf<string>, defaultValue: string): VariationDetail<string> {
    return this.#detail(CALLERS.stringVariationDetail, key, defaultValue) as VariationDetail<string>;
  }

  numberVariation(key: SettingKeyOf<number>, defaultValue: number): number {
    return this.#value(CALLERS.numberVariation, key, defaultValue) as number;
  }

  numberVariationDetail(key: SettingKeyOf<number>, defaultValue: number): VariationDetail<number> {
    return this.#detail(CALLERS.numberVariationDetail, key, defaultValue) as VariationDetail<number>;
  }

  jsonVariation<K extends SettingKey, D extends DefaultOf<K>>(key: K, defaultValue: D): ValueOf<K, D> {
    return this.#value(CALLERS.jsonVariation, key, defaultValue) as ValueOf<K, D>;
  }

  jsonVariationDetail<K extends SettingKey, D extends DefaultOf<K>>(
    key: K,
    defaultValue: D,
  ): VariationDetail<ValueOf<K, D>> {
    return this.#detail(CALLERS.jsonVariationDetail, key, defaultValue) as VariationDetail<ValueOf<K, D>>;
  }

  allSettings(options: AllSettingsOptions = {}): AllSettingsState {
    return this.#variations.all(this.#view, this.user, options);
  }

  #value(caller: Caller, key: string, defaultValue: unknown): unknown {
    return this.#variations.value(caller, this.#view, key, this.user, defaultValue);
  }

  #detail(caller: Caller, key: string, defaultValue: unknown): VariationDetail {
    return this.#variations.detail(caller, this.#view, key, this.user, defaultValue);
  }
}
