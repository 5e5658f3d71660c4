// The entry `feathery-server-sdk/testing`: settings that a test makes, and a service that fails on command.
import type { Clause, Json } from './protocol.js';
import { SegmentBuilder, SettingBuilder } from './testing-builders.js';
import { FaultServer } from './testing-server.js';
import { TestSettings } from './testing-settings.js';

export type { Clause, Json } from './protocol.js';
export type { SegmentBuilder, SettingBuilder, Share, SplitOptions } from './testing-builders.js';
export type { FaultServer, SeenRequest } from './testing-server.js';
export type { TestSettings } from './testing-settings.js';

/** @param values - By key: the value for everyone, or a builder. */
export function settings(values: Readonly<Record<string, Json | SettingBuilder>> = {}): TestSettings {
  const made = new TestSettings();
  for (const [key, value] of Object.entries(values)) made.set(key, value);
  return made;
}

/** Begins a setting. @param variations - Its possible values; the first is served until something else is said. */
export function setting(...variations: Json[]): SettingBuilder {
  return new SettingBuilder(variations);
}

/** Begins a segment. */
export function segment(): SegmentBuilder {
  return new SegmentBuilder();
}

/** A clause that matches the members of any of these segments. */
export function inSegment(...segmentKeys: string[]): Clause {
  return { op: 'segmentMatch', values: segmentKeys };
}

export interface FaultServerOptions {
  /** What the clients get. Default: nothing. */
  readonly settings?: TestSettings;
  /** The key that is accepted. Default `sdk-test`. */
  readonly sdkKey?: string;
}

/** Starts a service on a free port of this machine. Close it at the end of the test. */
export async function faultServer(options: FaultServerOptions = {}): Promise<FaultServer> {
  const server = new FaultServer(options.settings ?? settings(), options.sdkKey ?? 'sdk-test');
  await server.listen();
  return server;
}
