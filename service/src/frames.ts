// Events as bytes with the position they bring a client to; made once and shared by all who get them (design.md 6).
import type { Broadcast, Form } from './channel.js';
import { eventFrame } from './sse.js';
import type { ChangeSet } from './storage/change-log.js';
import { changesEvent, patchEvents, putEvent, syncedEvent, type WireEvent } from './wire.js';

/** Where a client stands. Revisions can be compared within one epoch only. */
export interface Position {
  readonly epoch: string;
  readonly revision: number;
}

/** Everything, as the first event of a stream. */
export function putFrame(position: Position, dataSet: string): Buffer {
  return frameOf([putEvent(dataSet)], position);
}

/** Closes a resume: the client now has everything up to this revision. */
export function syncedFrame(position: Position): Buffer {
  return frameOf([syncedEvent(position.revision)], position);
}

/** One change set as a single event, for clients that apply it as a whole. */
export function changesFrame(epoch: string, changeSet: ChangeSet): Buffer {
  return frameOf([changesEvent(changeSet)], { epoch, revision: changeSet.revision });
}

/** One change set as an event for each item. */
export function patchesFrame(epoch: string, changeSet: ChangeSet): Buffer {
  return frameOf(patchEvents(changeSet), { epoch, revision: changeSet.revision });
}

/** A change set that is serialised at most once for each form, and only if somebody wants that form. */
export function broadcastOf(epoch: string, changeSet: ChangeSet): Broadcast {
  const frames = new Map<Form, Buffer>();
  const make = { patches: patchesFrame, changes: changesFrame };
  return {
    revision: changeSet.revision,
    frame(form) {
      const frame = frames.get(form) ?? make[form](epoch, changeSet);
      frames.set(form, frame);
      return frame;
    },
  };
}

/** Reads an event's id back; undefined for anything this service never wrote. */
export function parsePosition(id: string | undefined): Position | undefined {
  const match = /^([0-9a-f]{16}):(\d{1,15})$/.exec(id ?? '');
  return match === null ? undefined : { epoch: match[1] as string, revision: Number(match[2]) };
}

function frameOf(events: readonly WireEvent[], { epoch, revision }: Position): Buffer {
  const id = `${epoch}:${revision}`;
  return Buffer.from(events.map(({ event, data }) => eventFrame({ event, id, data })).join(''));
}
