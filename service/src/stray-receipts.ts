// A load balancer brings a server's report to any node. One that has not the server's stream passes it on.
import type { NodeLink } from './node-link.js';
import type { Receipt } from './receipts.js';

/** Reports within this time are passed on together. */
const PASS_ON_MS = 50;
/** Reports that wait to be passed on; further ones are dropped, as newer ones will come. */
const MAX_WAITING = 1_000;

interface Stray {
  readonly environment: string;
  readonly receipt: Receipt;
  readonly at: number;
}

export class StrayReceipts {
  readonly #link: NodeLink;
  readonly #now: () => number;
  #waiting: Stray[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor({ link, now }: { link: NodeLink; now: () => number }) {
    this.#link = link;
    this.#now = now;
  }

  add(environment: string, receipt: Receipt): void {
    if (!this.#link.isListening || this.#waiting.length >= MAX_WAITING) return;
    this.#waiting.push({ environment, receipt, at: this.#now() });
    this.#timer ??= setTimeout(() => this.#passOn(), PASS_ON_MS).unref();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #passOn(): void {
    this.#timer = undefined;
    const now = this.#now();
    const byEnvironment = new Map<string, Receipt[]>();
    for (const { environment, receipt, at } of this.#waiting) {
      const receipts = byEnvironment.get(environment) ?? [];
      receipts.push({ ...receipt, heldMs: (receipt.heldMs ?? 0) + Math.max(0, now - at) });
      byEnvironment.set(environment, receipts);
    }
    this.#waiting = [];
    for (const [environment, items] of byEnvironment) this.#link.sendList('receipts', { environment }, items);
  }
}
