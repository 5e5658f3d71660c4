// The only writer of settings and segments: validates, versions, stores, and has the feed publish what was stored.
import type { Json, Segment, Setting } from 'feathery-server-sdk/protocol';
import type { Actor } from './auth.js';

/** One change to one environment. Plain JSON, so that it can be kept for later. */
export type Operation =
  | { readonly kind: 'setting'; readonly key: string; readonly patch: MergePatch; readonly version?: number }
  | { readonly kind: 'segment'; readonly key: string; readonly patch: MergePatch; readonly version?: number }
  | { readonly kind: 'segment'; readonly key: string; readonly create: MergePatch }
  | { readonly kind: 'segment'; readonly key: string; readonly delete: true; readonly version?: number };

/** JSON merge patch (RFC 7396) of an item as it is on the wire. */
export type MergePatch = { readonly [field: string]: Json };

export interface CommitRequest {
  readonly environment: string;
  readonly actor: Actor;
  readonly comment?: string;
  readonly operations: readonly Operation[];
}

export interface Committed {
  readonly environment: string;
  /** The environment's revision after the commit; unchanged when nothing differed. */
  readonly revision: number;
  /** Each operation's item as it is now, in the order asked for; null for a deletion. */
  readonly items: readonly (Setting | Segment | null)[];
}
