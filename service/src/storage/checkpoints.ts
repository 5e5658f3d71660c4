// Brings what the embedded database has committed from its log into its file, beside the work of the process: a commit
// that did this too would keep its change from the streams meanwhile.
import Libsql from 'libsql/promise';

/** From a commit to the checkpoint that takes it along: by then its change has gone out. */
const DELAY_MS = 1000;
/**
 * Rows written since the last checkpoint, each about a page of the log, that are worth another one. After it the next
 * commit begins the log anew, and for that waits for the disk twice.
 */
const MIN_ROWS = 1000;

export class Checkpoints {
  readonly #database: Libsql;
  readonly #countRows: () => number;
  #taken = 0;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  /**
   * @param path - A database that exists and has a log.
   * @param countRows - Rows written so far.
   */
  constructor(path: string, countRows: () => number) {
    this.#database = new Libsql(path, {});
    this.#countRows = countRows;
  }

  /** Something has been committed. */
  committed(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#running = this.#run();
    }, DELAY_MS).unref();
  }

  /** Ends after the checkpoint under way. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#running;
    this.#database.close();
  }

  // In a thread of the driver's, and waiting for nobody: what is being read or written stays in the log for the next.
  async #run(): Promise<void> {
    const rows = this.#countRows();
    if (rows - this.#taken < MIN_ROWS) return;
    this.#taken = rows;
    try {
      await this.#database.exec('PRAGMA wal_checkpoint(PASSIVE)');
    } catch {
      // The disk is full or gone. What was committed is in the log, and whoever commits next will hear of it.
    }
  }
}
