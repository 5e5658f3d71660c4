// Single events as JSON text. Written when they happen: the application may change its objects afterwards, text takes
// less memory than objects, and a flush has only to join it. See docs/protocol.md, sections 6.3 and 6.4.
import type { PreparedSetting } from './compile.js';
import type { Context } from './context.js';
import type { Detail } from './evaluate.js';
import { type Room, toJson } from './json.js';
import type { Json } from './protocol.js';
import { createRedact, type Redact, type RedactionRules } from './redact.js';

/**
 * Most characters of one event, roughly: room for names and numbers comes on top. Attributes, data and values that do
 * not fit are left out (`value` and `default` are null); an event whose keys do not fit is not written.
 */
export const MAX_EVENT_CHARACTERS = 250_000;

/** One evaluation of a known setting. */
export interface Evaluation {
  readonly setting: PreparedSetting;
  readonly context: Context;
  readonly detail: Detail;
  readonly defaultValue: unknown;
  readonly withReason: boolean;
  /** Of a prerequisite: key of the setting that directly requires it. */
  readonly requiredBy: string | undefined;
}

/** The result of a migration operation, ready but for its date and the redaction of its context. */
export interface MigrationOperation {
  readonly operation: string;
  readonly context: Context;
  readonly evaluation: { readonly [field: string]: Json | object | undefined };
  readonly measurements: readonly object[];
  /** The setting's. Default 1. */
  readonly samplingRatio?: number | null | undefined;
}

type Fields = Record<string, unknown>;

/** Each method gives undefined when the event cannot be written at all. */
export class EventWriter {
  readonly #redact: Redact;

  constructor(rules: RedactionRules) {
    this.#redact = createRedact(rules);
  }

  /** `index` and `identify` events. */
  contextEvent(kind: 'index' | 'identify', context: Context, creationDate: number): string | undefined {
    const room = newRoom();
    return write({ kind, creationDate, context: this.#redact(context, room, 'keep') });
  }

  custom(
    name: string,
    context: Context,
    data: unknown,
    metricValue: number | undefined,
    creationDate: number,
  ): string | undefined {
    const room = newRoom();
    const key = toJson(name, room);
    if (key === undefined) return undefined;
    const written = this.#redact(context, room, 'redact');
    const json = toJson(data, room) ?? undefined;
    return write({ kind: 'custom', creationDate, key, data: json, metricValue, context: written });
  }

  /** `feature` and `debug` events. */
  evaluation(kind: 'feature' | 'debug', evaluation: Evaluation, creationDate: number): string | undefined {
    const { setting, context, detail, defaultValue, withReason, requiredBy } = evaluation;
    const room = newRoom();
    const { variationIndex } = detail;
    return write({
      kind,
      creationDate,
      key: setting.key,
      version: setting.version,
      variation: variationIndex ?? undefined,
      context: this.#redact(context, room, kind === 'feature' ? 'redact' : 'keep'),
      value: toJson(variationIndex === null ? defaultValue : detail.value, room) ?? null,
      default: toJson(defaultValue, room) ?? null,
      reason: withReason ? detail.reason : undefined,
      prereqOf: kind === 'feature' ? requiredBy : undefined,
      samplingRatio: unlessOne(setting.source.samplingRatio),
    });
  }

  migration(operation: MigrationOperation, creationDate: number): string | undefined {
    const room = newRoom();
    return write({
      kind: 'migration_op',
      operation: operation.operation,
      creationDate,
      context: this.#redact(operation.context, room, 'redact'),
      evaluation: toJson(operation.evaluation, room),
      measurements: toJson(operation.measurements, room),
      samplingRatio: unlessOne(operation.samplingRatio),
    });
  }
}

function newRoom(): Room {
  return { characters: MAX_EVENT_CHARACTERS };
}

function unlessOne(ratio: number | null | undefined): number | undefined {
  return ratio === null || ratio === 1 ? undefined : ratio;
}

function write(event: Fields): string | undefined {
  return event.context === undefined ? undefined : JSON.stringify(event);
}
