// Bridges the gap of a returning client from the change log, so that it need not get everything again.
import { setTimeout as pause } from 'node:timers/promises';
import { BoundedMap } from './bounded-map.js';
import type { Subscriber } from './channel.js';
import { changesFrame, type Position, syncedFrame } from './frames.js';
import type { Hub } from './hub.js';
import type { ChangeSet } from './storage/change-log.js';

/** Gaps kept for the next client: after an interruption most return from the same revision. */
const CAPACITY = 16;
const CATCH_UP_RETRY_MS = 500;

export interface ResumeOptions {
  /** A gap of more change sets than this is answered with a snapshot. */
  readonly maxResumeChanges: number;
}

export interface ResumeParts {
  readonly hub: Hub;
  readonly options: ResumeOptions;
  /** The change sets after a revision, oldest first, at most `limit`. */
  readChanges(environment: string, revision: number, limit: number): Promise<ChangeSet[]>;
  /** Resolves when everything committed before the call is in memory. */
  catchUp(): Promise<void>;
}

export class Resume {
  readonly #parts: ResumeParts;
  readonly #gaps = new BoundedMap<string, Promise<Buffer | undefined>>(CAPACITY);

  constructor(parts: ResumeParts) {
    this.#parts = parts;
  }

  /** Sends what came after `position` and makes the stream live; when the log cannot bridge the gap, sends everything. */
  async start(subscriber: Subscriber, position: Position): Promise<void> {
    const { hub } = this.#parts;
    await this.#catchUp(subscriber, position);
    const missed = await this.#missedSince(subscriber.subscription.environment, position, (source, frames) => {
      hub.join(subscriber, Buffer.concat([...frames, syncedFrame(source)]));
    }).catch(() => false);
    if (!missed) hub.sendSnapshot(subscriber);
  }

  /**
   * Another node may have told the client of changes that have not arrived here yet. While they cannot be read, the
   * client keeps what it has: a snapshot would take it back.
   */
  async #catchUp(subscriber: Subscriber, { epoch, revision }: Position): Promise<void> {
    const { environment } = subscriber.subscription;
    while (subscriber.open && revision > this.#revision(environment, epoch)) {
      // Also when the epoch is another, as this node may be the one that does not know of it.
      const isRead = await this.#parts.catchUp().then(
        () => true,
        () => false,
      );
      if (isRead) return;
      await pause(CATCH_UP_RETRY_MS, undefined, { ref: false });
    }
  }

  /** Calls `join` in the tick in which the frames reach up to the present revision. False when they cannot. */
  async #missedSince(
    environment: string,
    { epoch, revision }: Position,
    join: (source: Position, frames: readonly Buffer[]) => void,
  ): Promise<boolean> {
    const frames: Buffer[] = [];
    let reached = revision;
    for (;;) {
      const present = this.#revision(environment, epoch);
      if (reached === present) {
        join({ epoch, revision: present }, frames);
        return true;
      }
      if (reached > present || present - revision > this.#parts.options.maxResumeChanges) return false;
      const gap = await this.#gap(environment, epoch, reached, present);
      if (gap === undefined) return false;
      frames.push(gap);
      reached = present;
    }
  }

  /** -1 when the revisions of this epoch say nothing here. */
  #revision(environment: string, epoch: string): number {
    const source = this.#parts.hub.source(environment);
    return source?.epoch === epoch ? source.revision : -1;
  }

  #gap(environment: string, epoch: string, after: number, until: number): Promise<Buffer | undefined> {
    const id = `${environment} ${epoch} ${after} ${until}`;
    const known = this.#gaps.get(id);
    if (known !== undefined) return known;
    const gap = this.#readGap(environment, epoch, after, until);
    this.#gaps.set(id, gap);
    gap.catch(() => this.#gaps.delete(id));
    return gap;
  }

  async #readGap(environment: string, epoch: string, after: number, until: number): Promise<Buffer | undefined> {
    const changeSets = await this.#parts.readChanges(environment, after, until - after);
    const isWhole =
      changeSets.length === until - after && changeSets.every(({ revision }, index) => revision === after + 1 + index);
    return isWhole ? Buffer.concat(changeSets.map((changeSet) => changesFrame(epoch, changeSet))) : undefined;
  }
}
