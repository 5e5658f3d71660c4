// What servers lately asked and reported about single users and organizations, as far as their events tell. Kept in
// memory, for whoever has the customer on the phone: the newest few of each context that was seen last.
import { type Context, contextKinds, contextProblem, type Json } from 'feathery-server-sdk/protocol';
import { BoundedMap } from './bounded-map.js';
import { isObject } from './merge-patch.js';
import { shortJson } from './short-json.js';

const MAX_CONTEXTS = 5_000;
const MAX_PER_CONTEXT = 20;
const MAX_TEXT = 256;
const MAX_DATA_LENGTH = 1_000;

/** Event kinds of the protocol, as people read them. */
const KINDS: Readonly<Record<string, RequestKind>> = {
  index: 'seen',
  identify: 'identified',
  custom: 'custom',
  feature: 'evaluated',
  debug: 'evaluated',
};

export type RequestKind = 'seen' | 'identified' | 'custom' | 'evaluated';

export interface RecentRequest {
  readonly at: number;
  readonly kind: RequestKind;
  /** Kind to key of everyone it was about. */
  readonly contexts: Readonly<Record<string, string>>;
  /** Of the custom event or the setting; null for the others. */
  readonly key: string | null;
  /** What was served, or the custom event's data; null when there is none or it is long. */
  readonly value: Json;
  /** A custom event's number. */
  readonly metric: number | null;
  /** Who asked: the SDK, and the name the application gave itself. */
  readonly server: string;
}

export class RecentRequests {
  readonly #contexts = new BoundedMap<string, RecentRequest[]>(MAX_CONTEXTS);

  /** Takes in one parsed event; what has no context that can be named is left out. */
  add(environment: string, event: unknown, server: string, receivedAt: number): void {
    if (!isObject(event as Json)) return;
    const fields = event as { readonly [field: string]: Json };
    const kind = KINDS[fields.kind as string];
    if (kind === undefined) return;
    const contexts = contextsOf(fields);
    const request = { ...requestOf(kind, fields, server, receivedAt), contexts: Object.fromEntries(contexts) };
    for (const [contextKind, key] of contexts) this.#keep(`${environment} ${idOf(contextKind, key)}`, request);
  }

  /** The newest first. */
  of(environment: string, kind: string, key: string): readonly RecentRequest[] {
    return this.#contexts.get(`${environment} ${idOf(kind, key)}`) ?? [];
  }

  #keep(id: string, request: RecentRequest): void {
    const known = this.#contexts.get(id) ?? [];
    this.#contexts.set(id, [request, ...known].slice(0, MAX_PER_CONTEXT));
  }
}

function requestOf(
  kind: RequestKind,
  fields: { readonly [field: string]: Json },
  server: string,
  receivedAt: number,
): Omit<RecentRequest, 'contexts'> {
  const { creationDate, key, metricValue } = fields;
  const value = kind === 'custom' ? fields.data : fields.value;
  return {
    at: typeof creationDate === 'number' ? Math.min(Math.max(creationDate, 0), receivedAt) : receivedAt,
    kind,
    key: typeof key === 'string' && (kind === 'custom' || kind === 'evaluated') ? key.slice(0, MAX_TEXT) : null,
    value: value === undefined || shortJson(value, MAX_DATA_LENGTH) === undefined ? null : value,
    metric: typeof metricValue === 'number' ? metricValue : null,
    server: server.slice(0, MAX_TEXT),
  };
}

/** Kinds and keys. */
function contextsOf({ context, contextKeys }: { readonly [field: string]: Json }): [string, string][] {
  if (isObject(contextKeys)) {
    return Object.entries(contextKeys).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  }
  if (!isObject(context) || contextProblem(context) !== undefined) return [];
  if (context.kind !== 'multi') return [[String(context.kind ?? 'user'), String(context.key)]];
  return contextKinds(context as unknown as Context).map((kind) => [
    kind,
    String((context[kind] as { readonly key: Json }).key),
  ]);
}

function idOf(kind: string, key: string): string {
  return `${kind} ${key.slice(0, 512)}`;
}
