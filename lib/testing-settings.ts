import type { FeatheryClient } from './client.js';
import type { ClientOptions, LocalReceiver, LocalSource } from './options.js';
import type { Change, DataSet, Json, Segment, Setting } from './protocol.js';
import { createClient } from './singleton.js';
import { positionOf, SegmentBuilder, SettingBuilder } from './testing-builders.js';

/**
 * Settings that a test makes and changes. Every client on them sees a change at once, before the call that made it
 * returns. No network, no timers.
 */
export class TestSettings implements LocalSource {
  readonly #settings = new Map<string, Setting>();
  readonly #segments = new Map<string, Segment>();
  readonly #receivers = new Set<LocalReceiver>();
  /** Grows with every change, so that a setting removed and set again is newer than its removal. */
  #version = 0;

  /** A client on these settings. Analytics are off unless `sendEvents` is set. */
  client(options: Omit<ClientOptions, 'dataSource'> = {}): FeatheryClient {
    return createClient('', { ...options, dataSource: this });
  }

  /** @param value - Served to everyone; or a builder, for more. */
  set(key: string, value: Json | SettingBuilder): this {
    const builder = value instanceof SettingBuilder ? value : plain(value);
    const item = builder.build(key, ++this.#version, (other, wanted) => this.#indexOf(other, wanted));
    this.#settings.set(key, item);
    return this.#publish({ kind: 'setting', key, version: this.#version, item });
  }

  /** @param segment - A builder, or the keys of the users who are in. */
  setSegment(key: string, segment: SegmentBuilder | readonly string[]): this {
    const builder = segment instanceof SegmentBuilder ? segment : new SegmentBuilder().include(...segment);
    const item = builder.build(key, ++this.#version);
    this.#segments.set(key, item);
    return this.#publish({ kind: 'segment', key, version: this.#version, item });
  }

  /** The setting is unknown from now on. */
  remove(key: string): this {
    this.#settings.delete(key);
    return this.#publish({ kind: 'setting', key, version: ++this.#version, item: null });
  }

  /** All there is at present. */
  dataSet(): DataSet {
    return { settings: Object.fromEntries(this.#settings), segments: Object.fromEntries(this.#segments) };
  }

  /** For a client: called when it starts. */
  start(receiver: LocalReceiver): () => void {
    this.#receivers.add(receiver);
    receiver.replaceAll(this.dataSet());
    return () => this.#receivers.delete(receiver);
  }

  #publish(change: Change): this {
    for (const receiver of this.#receivers) receiver.apply([change]);
    return this;
  }

  #indexOf(key: string, value: Json): number {
    return positionOf(this.#settings.get(key)?.variations ?? [], value);
  }
}

/** A boolean can be turned the other way by a builder later on; anything else has the one value. */
function plain(value: Json): SettingBuilder {
  return new SettingBuilder(typeof value === 'boolean' ? [true, false] : [value]).serve(value);
}
