import { readFileSync, statSync } from 'node:fs';
import { messageOf } from './errors.js';
import type { LocalReceiver, LocalSource } from './options.js';
import { type DataSet, type Json, parseDataSet, type Segment, type Setting } from './protocol.js';

export interface FileSourceOptions {
  /** How often the file is looked at, in milliseconds. Default 500. */
  readonly intervalMs?: number;
}

/** The file as a person writes it. */
interface FileContent {
  /** By key: what everyone gets. */
  readonly values?: Readonly<Record<string, Json>>;
  /** By key: a setting with variations, targets and rules, as the service has it. */
  readonly settings?: Readonly<Record<string, Partial<Setting>>>;
  readonly segments?: Readonly<Record<string, Partial<Segment>>>;
}

/**
 * Takes the settings from a JSON file, and again whenever it changes: for local development. The file holds `values`,
 * `settings` and `segments`, each optional; or it is a saved answer of the service to polling. With a file that cannot
 * be read the settings before stay in use, and the client emits `error`.
 */
export function fileSource(path: string, { intervalMs = 500 }: FileSourceOptions = {}): LocalSource {
  return {
    start(receiver) {
      const stamps = new Stamps();
      let seen: string | undefined;
      const look = () => {
        const state = stateOf(path);
        if (state === seen) return;
        seen = state;
        read(path, stamps, receiver);
      };
      look();
      // Not `watchFile`: it takes its first look later, and a change before that would be missed.
      const timer = setInterval(look, intervalMs).unref();
      return () => clearInterval(timer);
    },
  };
}

/** Differs when the file may have changed; looked at before it is read, so that a change in between is read next time. */
function stateOf(path: string): string {
  try {
    const { ino, size, mtimeNs } = statSync(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  } catch (error) {
    return messageOf(error);
  }
}

function read(path: string, stamps: Stamps, receiver: LocalReceiver): void {
  let data: DataSet;
  try {
    data = parse(readFileSync(path, 'utf8'), stamps);
  } catch (error) {
    receiver.fail(new Error(`The file ${path} cannot be used: ${messageOf(error)}`, { cause: error }));
    return;
  }
  receiver.replaceAll(data);
}

function parse(text: string, stamps: Stamps): DataSet {
  const { values = {}, settings = {}, segments = {} } = JSON.parse(text) as FileContent;
  const saved = parseDataSet(text);
  const plain = Object.entries(values).map(([key, value]) => [key, { ...SERVED_TO_ALL, variations: [value] }] as const);
  return {
    settings: stamps.apply<Setting>('setting', { ...saved.settings, ...Object.fromEntries(plain), ...settings }),
    segments: stamps.apply<Segment>('segment', segments),
  };
}

const SERVED_TO_ALL = { on: true, fallthrough: { variation: 0 } } as const;

/** Gives an item of the file a new version when it is not the same as at the last reading. */
class Stamps {
  readonly #known = new Map<string, { readonly text: string; readonly version: number }>();

  apply<Item>(kind: string, items: Readonly<Record<string, Partial<Item>>>): Record<string, Item> {
    return Object.fromEntries(
      Object.entries(items).map(([key, item]) => [
        key,
        { ...item, key, version: this.#versionOf(`${kind} ${key}`, item) },
      ]),
    ) as Record<string, Item>;
  }

  #versionOf(name: string, item: unknown): number {
    const text = JSON.stringify(item);
    const known = this.#known.get(name);
    if (known?.text === text) return known.version;
    const version = (known?.version ?? 0) + 1;
    this.#known.set(name, { text, version });
    return version;
  }
}
