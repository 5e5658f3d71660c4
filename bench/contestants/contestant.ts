import type { Json } from 'feathery-server-sdk/protocol';
import type { Person, ScenarioId } from '../support/scenarios.js';

/** Where contestants get their settings and leave their analytics. */
export interface Addresses {
  /** Origin of the mock services, see support/mock-services.ts. */
  readonly origin: string;
}

/** One way of evaluating settings, in a process of its own. */
export interface Contestant {
  /** How it counts evaluations, for the table. */
  readonly analytics: string;
  /** Scenarios it has no words for, with the reason. */
  readonly cannot: Readonly<Partial<Record<ScenarioId, string>>>;
  /** Connects, and resolves when the settings are there. */
  start(addresses: Addresses): Promise<void>;
  /** A person in the shape it asks for, made afresh. */
  user(person: Person): unknown;
  evaluate(settingKey: string, user: unknown, fallback: Json): unknown;
  /** The values of all settings of S6; may be a promise, as may `evaluate`. */
  all?(user: unknown): unknown;
  close(): Promise<void> | void;
}
