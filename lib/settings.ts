// Types only: how an application tells the compiler which settings it has.
import type { Json } from './protocol.js';

/**
 * The application's settings and the types of their values. Empty: any key is allowed. Add yours like this, and keys,
 * default values and results are checked:
 *
 * ```ts
 * declare module 'feathery-server-sdk' {
 *   interface Settings { 'your.setting.key': boolean }
 * }
 * ```
 */
// biome-ignore lint/suspicious/noEmptyInterface: filled by the application.
export interface Settings {}

/** The keys that may be asked for: those of `Settings`, or any string as long as that is empty. */
export type SettingKey = [keyof Settings] extends [never] ? string : Extract<keyof Settings, string>;

/** The keys whose values are of one type. */
export type SettingKeyOf<Type> = [keyof Settings] extends [never]
  ? string
  : Extract<{ [Key in keyof Settings]: Settings[Key] extends Type ? Key : never }[keyof Settings], string>;

/** What may be given as the default value of a setting. */
export type DefaultOf<Key> = Key extends keyof Settings ? Settings[Key] : unknown;

/**
 * What a setting gives. For a key outside `Settings` it is the type of the default value, which nothing checks at
 * run time: the typed forms (`booleanVariation` …) do.
 */
export type ValueOf<Key, Default> = Key extends keyof Settings ? Settings[Key] : Widened<Default>;

type Widened<Value> = Value extends null | undefined
  ? Json | Value
  : Value extends boolean
    ? boolean
    : Value extends number
      ? number
      : Value extends string
        ? string
        : Value;
