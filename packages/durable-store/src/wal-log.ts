/**
 * The write-ahead log of one open database: how far it reaches, how far it is surely on the
 * disk, and the sync that moves the second up to the first.
 *
 * Why lengths are known: after a failed sync the kernel may have dropped dirty pages and yet
 * show them in its cache, so what lies behind the last good sync cannot be trusted, not even
 * by a later sync that succeeds. Nobody was told of it, so it may be cut off, and is.
 */
import type { Database } from './database.ts';
import type { LogFile, StoreFiles } from './store-files.ts';

const WAL_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

interface WalPosition {
  /** Differs after each restart of the WAL from its beginning. */
  readonly salts: string;
  readonly frames: number;
}

export class WalLog {
  readonly #database: Database;
  readonly #file: LogFile;
  readonly #pageBytes: number;
  #marked: WalPosition = { salts: '', frames: 0 };
  #synced: WalPosition | undefined;

  private constructor(database: Database, file: LogFile) {
    this.#database = database;
    this.#file = file;
    this.#pageBytes = Number(database.statement('PRAGMA page_size').row()?.[0]);
  }

  /** The database must have been read from, so that its WAL exists, and be checkpointed. */
  static async open(database: Database, files: StoreFiles, path: string): Promise<WalLog> {
    return new WalLog(database, await files.openLog(path));
  }

  /** Length of the log up to the last commit. */
  get lengthBytes(): number {
    return this.#lengthOf(this.#marked.frames);
  }

  /** Notes where the log ends. Call after each COMMIT, outside of any transaction. */
  mark(): void {
    // NOOP: tells where the log stands and does nothing.
    const row = this.#database.statement('PRAGMA wal_checkpoint(NOOP)').row();
    const frames = Math.max(0, Number(row?.[1] ?? 0));
    this.#marked = { salts: this.#file.readSalts(), frames };
  }

  /** Resolves when every commit made before the call is durable. */
  async sync(): Promise<void> {
    const position = this.#marked;
    await this.#file.sync();
    this.#synced = position;
  }

  /**
   * How much of the file may be kept after a failed sync. Zero if the log began anew since the
   * last good one: that happens only when all of it is in the database and synced there.
   */
  trustedLengthBytes(): number {
    if (this.#synced === undefined || this.#synced.salts !== this.#file.readSalts()) return 0;
    return this.#lengthOf(this.#synced.frames);
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  #lengthOf(frames: number): number {
    return frames === 0 ? 0 : WAL_HEADER_BYTES + frames * (FRAME_HEADER_BYTES + this.#pageBytes);
  }
}
