// Runs an import: environments that are missing are made, then everything is one commit.
import type { Actor } from './actor.js';
import type { Changes } from './changes.js';
import type { ItemFault } from './environment-draft.js';
import type { Environments } from './environments.js';
import type { Feed } from './feed.js';
import { type ImportData, importInto } from './transfer.js';

export interface ImportsParts {
  readonly changes: Changes;
  readonly environments: Environments;
  readonly feed: Feed;
}

/** What an import came to. */
export interface Imported {
  readonly settings: number;
  readonly segments: number;
  /** Keys of the environments that were made. */
  readonly created: readonly string[];
  /** The environments' revisions by key. */
  readonly revisions: Readonly<Record<string, number>>;
}

/** @throws Problem 422 that names the item, 409 or 423 when an environment does not let it in; nothing is kept then. */
export async function runImport(
  parts: ImportsParts,
  data: ImportData,
  comment: string,
  actor: Actor,
): Promise<Imported> {
  const { changes, environments, feed } = parts;
  const missing = data.environments.filter(({ key }) => !feed.environments.has(key));
  const created: string[] = [];
  try {
    for (const { key, name = key } of missing) {
      await environments.create({ key, name }, actor);
      created.push(key);
    }
    const locate = ({ item, pointer }: ItemFault) => `/${item.kind}s/${item.key}${pointer}`;
    await changes.commit({ action: 'service.import', actor, comment, locate }, (draft) =>
      importInto(draft, data, { now: changes.now(), maxSettings: changes.config.maxSettings }),
    );
  } catch (error) {
    for (const key of created) await environments.delete(key, actor);
    throw error;
  }
  return {
    settings: data.settings.length,
    segments: data.environments.reduce((sum, { segments }) => sum + Object.keys(segments).length, 0),
    created,
    revisions: Object.fromEntries(data.environments.map(({ key }) => [key, feed.environment(key).revision])),
  };
}
