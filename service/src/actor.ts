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

/** The service acting by itself, as its operator told it at start. */
export const SYSTEM: Actor = { kind: 'system', id: 'system', name: 'Feathery', address: null };
