// Who is asking: an SDK key, an admin token or a session, and what they may do.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Action, Grant } from './permissions.js';

/** The server behind an SDK request. */
export interface SdkIdentity {
  /** Key of the environment the SDK key belongs to. */
  readonly environment: string;
  /** Identifies the SDK key without being it. */
  readonly keyId: string;
  /** When the key stops working, in milliseconds; null: never so far. `onSdkKeyExpired` tells when it happens. */
  readonly expiresAt: number | null;
}

/** Who made a change, as the audit keeps it. */
export interface Actor {
  /** `system` is the service itself: start-up, a schedule that came due. */
  readonly kind: 'member' | 'token' | 'system';
  readonly id: string;
  /** A member's e-mail address or a token's name, as it was at that time. */
  readonly name: string;
  /** Address the request came from; null for `system`. */
  readonly address: string | null;
}

/** The person or program behind an admin request. */
export interface AdminIdentity extends Grant {
  readonly actor: Actor;
  /** Set when a session cookie was used; such writes must carry the CSRF header. */
  readonly sessionId: string | null;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route does. Every route under `/api/v1` has one; `public` asks for nothing. */
    access?: Action | 'public';
  }
  interface FastifyRequest {
    /** Who is asking. Set before the handler of every admin route that is not `public`. */
    identity: AdminIdentity;
  }
}

/** The narrow part of a request that identifies it. */
export type Credentials = Pick<FastifyRequest, 'headers' | 'ip'>;

export declare class Auth {
  /**
   * The environment an SDK key opens. Answers from memory for a key seen before.
   *
   * @param request - Carries `Authorization: <key>`, `api_key <key>` or `Bearer <key>`.
   * @throws Problem 401 for an unknown or expired key; 503, never 401, when the database cannot be asked.
   */
  authenticateSdk(request: Credentials): Promise<SdkIdentity>;
  /** The member or token behind a request. Throws Problem 401 `not_authenticated`, 503 `database_unavailable`. */
  authenticateAdmin(request: Credentials): Promise<AdminIdentity>;
  /** Calls back when an SDK key has stopped working: end its streams. Returns the function that unsubscribes. */
  onSdkKeyExpired(listener: (keyId: string) => void): () => void;
  /** Starts the watch over expiring keys. */
  start(): Promise<void>;
  /** Stops timers and writes what is not yet written of the last uses. */
  close(): Promise<void>;
}

/**
 * Puts every route of `app` registered after this behind authentication, the permission its `config.access`
 * names (with `params.env` as the environment), the CSRF check and the rate limit. A route without
 * `config.access` fails at registration, so none is open by oversight.
 */
export declare function guardAdminRoutes(app: FastifyInstance, auth: Auth): void;
