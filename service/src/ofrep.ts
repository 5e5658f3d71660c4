// Between OpenFeature's words and ours (the OpenFeature Remote Evaluation Protocol, version 1). Pure.
import {
  type Context,
  contextProblem,
  type Detail,
  type Json,
  type PreparedSetting,
} from 'feathery-server-sdk/protocol';

export type OfrepErrorCode = 'PARSE_ERROR' | 'TARGETING_KEY_MISSING' | 'INVALID_CONTEXT' | 'FLAG_NOT_FOUND' | 'GENERAL';

/** Why there is no value. The protocol asks for this shape, also inside a 200 for several settings. */
export interface OfrepFailure {
  readonly key?: string;
  readonly errorCode: OfrepErrorCode;
  readonly errorDetails: string;
}

export interface OfrepSuccess {
  readonly key: string;
  /** Absent when the caller's default value is due. */
  readonly value?: Json;
  readonly reason: string;
  readonly variant?: string;
  readonly metadata: { readonly version: number };
}

type Attributes = Readonly<Record<string, unknown>>;

/**
 * The context of a request: `targetingKey` is the key, `kind` the kind, `user` unless given. With the kind `multi` each
 * attribute that is an object is a context of its own.
 */
export function contextOf(body: unknown): Context | OfrepFailure {
  const given = isObject(body) ? (body.context ?? {}) : undefined;
  if (!isObject(given)) return { errorCode: 'INVALID_CONTEXT', errorDetails: 'The context must be an object.' };
  const context = given.kind === 'multi' ? multiKind(given) : { kind: 'user', ...keyed(given) };
  const problem = contextProblem(context);
  if (problem === undefined) return context as Context;
  if (hasKeys(context)) return { errorCode: 'INVALID_CONTEXT', errorDetails: problem };
  return { errorCode: 'TARGETING_KEY_MISSING', errorDetails: 'The context needs a targetingKey, a string.' };
}

export function isFailure(result: object): result is OfrepFailure {
  return 'errorCode' in result;
}

export function resultOf(setting: PreparedSetting, detail: Detail): OfrepSuccess | OfrepFailure {
  const { key, version } = setting;
  if (detail.reason.kind === 'ERROR') {
    return { key, errorCode: 'GENERAL', errorDetails: 'The setting is malformed. The service has the details.' };
  }
  const served = detail.variationIndex === null ? {} : { value: detail.value, variant: String(detail.variationIndex) };
  return { key, ...served, reason: reasonOf(setting, detail), metadata: { version } };
}

/** What an SDK would have sent of this evaluation. */
export function eventsOf({ key, version }: PreparedSetting, { variationIndex }: Detail, context: Context): object[] {
  const counter = { version, count: 1, ...(variationIndex !== null && { variation: variationIndex }) };
  return [
    { kind: 'index', context },
    { kind: 'summary', features: { [key]: { counters: [counter] } } },
  ];
}

function reasonOf({ source }: PreparedSetting, { reason }: Detail): string {
  switch (reason.kind) {
    case 'TARGET_MATCH':
      return 'TARGETING_MATCH';
    case 'RULE_MATCH':
      return isSplit(source.rules?.[reason.ruleIndex as number]) ? 'SPLIT' : 'TARGETING_MATCH';
    case 'FALLTHROUGH':
      return isSplit(source.fallthrough) ? 'SPLIT' : 'DEFAULT';
    case 'OFF':
      return 'DISABLED';
    default:
      return 'DEFAULT';
  }
}

function isSplit(outcome: { readonly variation?: number | null } | null | undefined): boolean {
  return outcome?.variation == null;
}

function multiKind(given: Attributes): Attributes {
  const parts = Object.entries(given).filter(([kind, part]) => kind !== 'kind' && isObject(part));
  return { kind: 'multi', ...Object.fromEntries(parts.map(([kind, part]) => [kind, keyed(part as Attributes)])) };
}

function keyed({ targetingKey, ...attributes }: Attributes): Attributes {
  return targetingKey === undefined ? attributes : { ...attributes, key: targetingKey };
}

function hasKeys(context: Attributes): boolean {
  const parts = context.kind === 'multi' ? Object.values(context).filter(isObject) : [context];
  return parts.every(({ key }) => typeof key === 'string' && key !== '');
}

function isObject(value: unknown): value is Attributes {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
