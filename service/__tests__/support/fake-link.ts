// Links of nodes that are all in this process: what one sends the others hear at once, as the database would bring it.
import { EventEmitter } from 'node:events';
import type { Messages, NodeLink } from '../../src/node-link.js';

export interface FakeLink extends NodeLink {
  /** What it has sent. */
  readonly sent: (readonly [type: string, body: object])[];
  /** Others do not hear it any more. */
  cut: boolean;
}

/** As many links as there are names. */
export function linkNodes(...ids: readonly string[]): FakeLink[] {
  const links: FakeLink[] = [];
  for (const id of ids) {
    const link = Object.assign(new EventEmitter(), {
      id,
      isShared: true,
      isListening: true,
      cut: false,
      sent: [] as (readonly [string, object])[],
      send(type: string, body: object) {
        link.sent.push([type, body]);
        if (link.cut) return;
        for (const other of links) {
          if (other !== link) other.emit(type as keyof Messages, JSON.parse(JSON.stringify(body)), id);
        }
      },
      sendList(type: string, body: object, items: readonly unknown[]) {
        link.send(type as keyof Messages, { ...body, items } as never);
      },
    }) as unknown as FakeLink;
    links.push(link);
  }
  return links;
}
