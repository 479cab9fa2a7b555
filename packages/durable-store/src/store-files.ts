/**
 * The file operations that durability rests on, as a port: tests put a recorder of syncs, a
 * power cut or a full volume behind it. SQLite does its own writing; what its users
 * do beside it while they accept data goes through here.
 *
 * Never used on a database or its `-shm`: closing any descriptor of those drops the locks
 * that SQLite holds on them. The WAL has no locks and may be opened.
 */
import { fdatasync, readSync } from 'node:fs';
import { access, mkdir, open, rename, rm, truncate, type FileHandle } from 'node:fs/promises';

/** A new file. End with `close`, or with `sync` and `close` to keep it. */
export interface WritableFile {
  write(octets: Uint8Array): Promise<void>;
  /** Resolves when all that was written is durable (not the file's name: `syncFolder`). */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface ReadableFile {
  /** Octets from `offset`, at most `count`; fewer only at the end. */
  read(offset: number, count: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** The WAL of an open database. */
export interface LogFile {
  /** Resolves when all that was in the file at the call is durable. */
  sync(): Promise<void>;
  /** The two salts of its header, which change with each restart of the WAL. */
  readSalts(): string;
  close(): Promise<void>;
}

export interface StoreFiles {
  exists(path: string): Promise<boolean>;
  /** @returns false if it was there already. */
  makeFolder(path: string): Promise<boolean>;
  /** Makes the names in a folder durable. */
  syncFolder(path: string): Promise<void>;
  /** Fails if there is one. */
  createFile(path: string): Promise<WritableFile>;
  /** @returns undefined if there is none. */
  openFile(path: string): Promise<ReadableFile | undefined>;
  rename(from: string, to: string): Promise<void>;
  /** A missing file is fine. */
  remove(path: string): Promise<void>;
  openLog(path: string): Promise<LogFile>;
  /** Cuts off the end of a WAL that no connection has open. */
  truncateLog(path: string, lengthBytes: number): Promise<void>;
  /**
   * Makes whoever opens or reads a database next build the index of its WAL anew, from what is
   * in the WAL. Only while this process has no connection. A missing index is fine.
   */
  invalidateLogIndex(path: string): Promise<void>;
}

/** Two copies of the header of a WAL's index (https://www.sqlite.org/walformat.html). */
const LOG_INDEX_HEADER_BYTES = 96;

/** The `code` of a system error, or its name. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/** The real thing. */
export const nodeStoreFiles: StoreFiles = {
  async exists(path) {
    try {
      await access(path);
      return true;
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return false;
      throw error;
    }
  },

  async makeFolder(path) {
    try {
      await mkdir(path, { mode: 0o700 });
      return true;
    } catch (error) {
      if (errorCode(error) === 'EEXIST') return false;
      throw error;
    }
  },

  async syncFolder(path) {
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },

  async createFile(path) {
    return new NodeWritableFile(await open(path, 'wx', 0o600));
  },

  async openFile(path) {
    try {
      return new NodeReadableFile(await open(path, 'r'));
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  },

  rename,

  remove: (path) => rm(path, { force: true }),

  async openLog(path) {
    return new NodeLogFile(await open(path, 'r'));
  },

  truncateLog: truncate,

  async invalidateLogIndex(path) {
    try {
      const handle = await open(path, 'r+');
      try {
        await handle.write(Buffer.alloc(LOG_INDEX_HEADER_BYTES), 0, LOG_INDEX_HEADER_BYTES, 0);
      } finally {
        await handle.close();
      }
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
  },
};

class NodeWritableFile implements WritableFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async write(octets: Uint8Array): Promise<void> {
    for (let done = 0; done < octets.length;) {
      const { bytesWritten } = await this.#handle.write(octets, done, octets.length - done);
      done += bytesWritten;
    }
  }

  sync(): Promise<void> {
    return this.#handle.datasync();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

class NodeReadableFile implements ReadableFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async read(offset: number, count: number): Promise<Uint8Array> {
    const octets = Buffer.allocUnsafe(count);
    let filled = 0;
    while (filled < count) {
      const { bytesRead } = await this.#handle.read(
        octets,
        filled,
        count - filled,
        offset + filled,
      );
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return octets.subarray(0, filled);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** Offset and length of the salts in a WAL header (https://www.sqlite.org/fileformat2.html). */
const SALTS = { position: 16, length: 8 };

class NodeLogFile implements LogFile {
  readonly #handle: FileHandle;
  readonly #salts = Buffer.alloc(SALTS.length);

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      fdatasync(this.#handle.fd, (error) => {
        if (error === null || error === undefined) resolve();
        else reject(error);
      });
    });
  }

  readSalts(): string {
    const count = readSync(this.#handle.fd, this.#salts, 0, SALTS.length, SALTS.position);
    return this.#salts.toString('hex', 0, count);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
