// Who is asking: an SDK key, an admin token or a session, and what they may do.
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import type { Actor } from './actor.js';
import type { Config } from './config.js';
import { readSessionCookie } from './cookies.js';
import { Members } from './members.js';
import { Passwords } from './passwords.js';
import { type Action, type Grant, isAllowed } from './permissions.js';
import { Problem } from './problems.js';
import { type AccessParts, SdkKeys } from './sdk-keys.js';
import type { PasswordCost } from './secrets.js';
import { Sessions } from './sessions.js';
import { Throttle } from './throttle.js';
import { Tokens } from './tokens.js';

export type { Actor } from './actor.js';

/**
 * Writes that are authenticated by the session cookie carry this header, with any value. A page of another origin
 * cannot send it: browsers ask first whether it may, and the service never says yes.
 */
export const CSRF_HEADER = 'x-feathery-csrf';

const RATE_LIMITED_ACTORS = 10_000;

/** The server behind an SDK request. */
export interface SdkIdentity {
  /** Key of the environment the SDK key belongs to. */
  readonly environment: string;
  /** Identifies the SDK key without being it. */
  readonly keyId: string;
  /** When the key stops working, in milliseconds; null: never so far. `onSdkKeyExpired` tells when it happens. */
  readonly expiresAt: number | null;
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
export type Credentials = Pick<FastifyRequest, 'headers' | 'ip' | 'protocol'>;

export interface AuthParts extends AccessParts {
  readonly config: Pick<Config, 'adminToken' | 'sdkKey' | 'apiBurst' | 'apiPerSecond' | 'sdkBurst' | 'sdkPerSecond'>;
  /** Lower in tests only. */
  readonly passwordCost?: PasswordCost;
}

export class Auth {
  readonly sdkKeys: SdkKeys;
  readonly tokens: Tokens;
  readonly sessions: Sessions;
  readonly members: Members;
  readonly #parts: AuthParts;
  readonly #requests: Throttle;
  readonly #sdkRequests: Throttle;
  readonly #accessListeners = new Set<() => void>();

  constructor(parts: AuthParts) {
    const { apiBurst, apiPerSecond, sdkBurst, sdkPerSecond } = parts.config;
    const passwords = new Passwords(parts.passwordCost);
    this.#parts = parts;
    this.#requests = new Throttle({ burst: apiBurst, intervalMs: 1000 / apiPerSecond }, RATE_LIMITED_ACTORS);
    this.#sdkRequests = new Throttle({ burst: sdkBurst, intervalMs: 1000 / sdkPerSecond }, RATE_LIMITED_ACTORS);
    this.sdkKeys = new SdkKeys(parts);
    const onChange = () => {
      for (const listener of this.#accessListeners) listener();
    };
    this.tokens = new Tokens({ ...parts, onChange });
    this.sessions = new Sessions({ ...parts, onChange }, passwords);
    this.members = new Members(parts, passwords, this.sessions);
  }

  /**
   * Makes sure that the keys given at start work, and starts the watch over expiring keys. Call once the
   * `production` environment exists.
   */
  async start(): Promise<void> {
    const { adminToken, sdkKey } = this.#parts.config;
    if (adminToken !== undefined) await this.tokens.ensure(adminToken);
    if (sdkKey !== undefined) await this.sdkKeys.ensure('production', sdkKey);
    await this.sdkKeys.start();
  }

  /**
   * The environment an SDK key opens. Answers from memory for a key seen before.
   *
   * @param request - Carries `Authorization: <key>`, `api_key <key>` or `Bearer <key>`.
   * @throws Problem 401 for an unknown or expired key; 503, never 401, when the database cannot be asked.
   */
  async authenticateSdk({ headers }: Pick<Credentials, 'headers'>): Promise<SdkIdentity> {
    const secret = headers.authorization?.replace(/^(api_key|bearer) +/i, '').trim();
    if (!secret) throw notAuthenticated('Send the SDK key in the Authorization header.');
    return this.sdkKeys.identify(secret);
  }

  /** The member or token behind a request. Throws Problem 401 `not_authenticated`, 503 `database_unavailable`. */
  async authenticateAdmin({ headers, ip, protocol }: Credentials): Promise<AdminIdentity> {
    const bearer = /^bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
    if (bearer !== undefined) {
      const { id, name, role, environments } = await this.tokens.identify(bearer);
      return { actor: { kind: 'token', id, name, address: ip }, role, environments, sessionId: null };
    }
    const cookie = readSessionCookie(headers.cookie, protocol === 'https');
    if (cookie === undefined) throw notAuthenticated('Sign in, or send "Authorization: Bearer <admin token>".');
    const { id, member } = await this.sessions.identify(cookie);
    const actor: Actor = { kind: 'member', id: member.id, name: member.email, address: ip };
    return { actor, role: member.role, environments: member.environments, sessionId: id };
  }

  /** Whether the same request would still be answered. True, too, while that cannot be known. */
  async isStillAllowed(credentials: Credentials, action: Action, environment: string): Promise<boolean> {
    try {
      return isAllowed(await this.authenticateAdmin(credentials), action, environment);
    } catch (error) {
      return !(error instanceof Problem && error.code === 'not_authenticated');
    }
  }

  /** Counts a request of an actor. Throws Problem 429 when there are too many. */
  limitRate({ actor }: AdminIdentity): void {
    refuseBefore(this.#requests.take(`${actor.kind}:${actor.id}`, this.#parts.now()));
  }

  /** Counts a request with an SDK key. Throws Problem 429 when there are too many. */
  limitSdkRate({ keyId }: SdkIdentity): void {
    refuseBefore(this.#sdkRequests.take(keyId, this.#parts.now()));
  }

  /** Forgets what another node has changed. */
  async forget({ kind, key }: { readonly kind: string; readonly key: string }): Promise<void> {
    if (kind === 'sdk-key') await this.sdkKeys.forget(key);
    else if (kind === 'token') this.tokens.forget(key);
    else if (kind === 'session') this.sessions.forget(key);
    else if (kind === 'member') this.sessions.forgetMember(key);
  }

  /** Asks the database anew about everybody: what other nodes have changed may have been missed. */
  async recheck(): Promise<void> {
    this.tokens.recheck();
    this.sessions.recheck();
    await this.sdkKeys.recheck();
  }

  /** Calls back when an SDK key has stopped working: end its streams. Returns the function that unsubscribes. */
  onSdkKeyExpired(listener: (keyId: string) => void): () => void {
    return this.sdkKeys.onExpired(listener);
  }

  /** Calls back when a session or a token may have ended or allows less. Returns the function that unsubscribes. */
  onAccessChanged(listener: () => void): () => void {
    this.#accessListeners.add(listener);
    return () => this.#accessListeners.delete(listener);
  }

  /** Stops timers and writes what is not yet written of the last uses. */
  async close(): Promise<void> {
    await Promise.all([this.sdkKeys.close(), this.tokens.close(), this.sessions.close()]);
  }
}

/**
 * Puts every route of `app` registered after this behind authentication, the rate limit, the CSRF check and the
 * permission its `config.access` names (with `params.env` as the environment). A route without `config.access` fails
 * at registration, so none is open by oversight.
 */
export function guardAdminRoutes(app: FastifyInstance, auth: Auth): void {
  app.decorateRequest('identity', null as unknown as AdminIdentity);
  app.addHook('onRoute', ({ method, url, config }: RouteOptions) => {
    if (config?.access === undefined)
      throw new Error(`The route ${method} ${url} does not say what it needs: config.access`);
  });
  app.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    // What one member may see is nothing for a shared cache.
    reply.header('cache-control', 'no-store');
    const { access } = request.routeOptions.config;
    if (access === undefined || access === 'public') return;
    const identity = await auth.authenticateAdmin(request);
    auth.limitRate(identity);
    if (identity.sessionId !== null) requireCsrfHeader(request);
    requirePermission(identity, access, (request.params as { env?: string }).env);
    request.identity = identity;
  });
}

/** Throws Problem 403 when a write that a browser may have been tricked into lacks the CSRF header. */
export function requireCsrfHeader({ method, headers }: Pick<FastifyRequest, 'method' | 'headers'>): void {
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS' || headers[CSRF_HEADER] !== undefined) return;
  throw new Problem('csrf_header_missing', `With a session cookie, a write needs the header "${CSRF_HEADER}: 1".`);
}

/** Throws Problem 403 when the identity may not do this. For routes whose environment is not in their address. */
export function requirePermission(identity: AdminIdentity, action: Action, environment?: string): void {
  if (isAllowed(identity, action, environment)) return;
  const where = identity.role === 'editor' && environment !== undefined ? ` in "${environment}"` : '';
  throw new Problem('not_allowed', `Your role "${identity.role}" does not allow this${where}. Ask an admin.`);
}

function refuseBefore(waitMs: number): void {
  if (waitMs === 0) return;
  const seconds = Math.ceil(waitMs / 1000);
  throw new Problem('rate_limited', `Too many requests. Wait ${seconds} s.`, {
    headers: { 'retry-after': `${seconds}` },
  });
}

function notAuthenticated(detail: string): Problem {
  return new Problem('not_authenticated', detail, { headers: { 'www-authenticate': 'Bearer' } });
}
