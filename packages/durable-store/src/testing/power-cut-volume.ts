/**
 * A simulated power cut: a layer over the real files that knows what was synced, and at any
 * moment makes a copy of the volume as a cut at that moment could leave it. Killing the
 * process proves less: the kernel's cache survives that.
 *
 * What a copy loses or keeps by the throw of a die, as a file system may:
 * - the WAL behind its last synced length: none, all, or a piece of it;
 * - names in folders not synced since: new ones dropped or kept, removed ones back;
 * - octets of a file not synced: cut short.
 * SQLite's own syncs are trusted: when it has written the WAL back, WAL and database are safe.
 */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { nodeStoreFiles, type LogFile, type StoreFiles } from '../store-files.ts';

const WAL_NAME = /\.db-wal$/;
/** Derived from the others at the next opening; never synced by anybody. */
const VOLATILE_NAME = /\.db-shm$/;
/** The folder whose files are written octet by octet. */
const CONTENT_FOLDER = 'messages';
const WAL_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const COPY_ATTEMPTS = 20;

interface WalState {
  readonly salts: string;
  readonly validBytes: number;
}

export class PowerCutVolume {
  readonly root: string;
  readonly files: StoreFiles;
  /** Called at every point where a cut makes a difference. */
  onEvent: () => void = () => undefined;
  readonly #graveyard: string;
  readonly #random: () => number;
  /** Names that are durable, by folder; undefined: the folder was never synced. */
  readonly #durableNames = new Map<string, Set<string>>();
  /** Removed names that may come back, by folder, with where their octets are kept. */
  readonly #removed = new Map<string, Map<string, string>>();
  readonly #syncedInodes = new Set<number>();
  readonly #durableWal = new Map<string, WalState>();
  #graveCount = 0;

  constructor(base: string, random: () => number) {
    this.root = join(base, 'volume');
    this.#graveyard = join(base, 'graveyard');
    mkdirSync(this.root);
    mkdirSync(this.#graveyard);
    this.#random = random;
    this.files = this.#createFiles();
  }

  /** Copies what a power cut at this very moment could leave. */
  cutInto(target: string): void {
    copyVolume(this.root, target);
    this.#spoil(this.root, target);
  }

  /** SQLite has written the WAL of this database back, and synced both. */
  noteWrittenBack(databasePath: string): void {
    const wal = `${databasePath}-wal`;
    if (existsSync(wal)) this.#durableWal.set(wal, readWalState(wal));
  }

  #spoil(original: string, copy: string): void {
    const durable = this.#durableNames.get(original) ?? new Set();
    for (const name of readdirSync(copy)) {
      const path = join(original, name);
      if (VOLATILE_NAME.test(name) || (!durable.has(name) && this.#random() < 0.7)) {
        rmSync(join(copy, name), { recursive: true });
      } else if (statSync(join(copy, name)).isDirectory()) this.#spoil(path, join(copy, name));
      else if (WAL_NAME.test(name)) this.#spoilWal(path, join(copy, name));
      else if (basename(original) === CONTENT_FOLDER) this.#spoilFile(path, join(copy, name));
    }
    for (const [name, grave] of this.#removed.get(original) ?? []) {
      if (this.#random() < 0.5) execFileSync('cp', ['-a', grave, join(copy, name)]);
    }
  }

  #spoilWal(original: string, copy: string): void {
    const current = readWalState(copy);
    const durable = this.#durableWal.get(original);
    const isSame = durable !== undefined && durable.salts === current.salts;
    const kept = isSame ? durable.validBytes : 0;
    const dice = this.#random();
    if (dice < 0.6) truncateSync(copy, kept);
    else if (dice < 0.9) {
      truncateSync(copy, kept + Math.floor(this.#random() * (statSync(copy).size - kept)));
    }
  }

  #spoilFile(original: string, copy: string): void {
    if (this.#syncedInodes.has(statSync(original).ino)) return;
    truncateSync(copy, Math.floor(this.#random() * statSync(copy).size));
  }

  #createFiles(): StoreFiles {
    const real = nodeStoreFiles;
    return {
      exists: (path) => real.exists(path),
      openFile: (path) => real.openFile(path),
      truncateLog: (path, lengthBytes) => real.truncateLog(path, lengthBytes),
      invalidateLogIndex: (path) => real.invalidateLogIndex(path),
      makeFolder: async (path) => {
        const isNew = await real.makeFolder(path);
        this.onEvent();
        return isNew;
      },
      syncFolder: async (path) => {
        this.onEvent();
        const names = new Set(readdirSync(path));
        const before = this.#durableNames.get(path) ?? new Set<string>();
        const gone = [...before].filter((name) => !names.has(name));
        const removed = this.#removed.get(path);
        const removedNames = [...(removed?.keys() ?? [])];
        await real.syncFolder(path);
        // Another sync may have ended meanwhile; what appeared or went since the call is not
        // this one's affair.
        const durable = new Set([...(this.#durableNames.get(path) ?? []), ...names]);
        for (const name of gone) durable.delete(name);
        this.#durableNames.set(path, durable);
        for (const name of removedNames) removed?.delete(name);
        this.onEvent();
      },
      createFile: async (path) => {
        const file = await real.createFile(path);
        this.onEvent();
        return {
          write: async (octets) => {
            await file.write(octets);
            this.#syncedInodes.delete(statSync(path).ino);
            this.onEvent();
          },
          sync: async () => {
            await file.sync();
            this.#syncedInodes.add(statSync(path).ino);
            this.onEvent();
          },
          close: () => file.close(),
        };
      },
      rename: async (from, to) => {
        await real.rename(from, to);
        this.onEvent();
      },
      remove: async (path) => {
        this.#bury(path);
        await real.remove(path);
        this.onEvent();
      },
      openLog: async (path) => this.#watchLog(path, await real.openLog(path)),
    };
  }

  #watchLog(path: string, log: LogFile): LogFile {
    return {
      readSalts: () => log.readSalts(),
      close: () => log.close(),
      sync: async () => {
        const state = readWalState(path);
        this.onEvent();
        await log.sync();
        this.#durableWal.set(path, state);
        this.onEvent();
      },
    };
  }

  /** Keeps a durable file's octets, since its removal is not durable yet. */
  #bury(path: string): void {
    const folder = dirname(path);
    const name = basename(path);
    if (this.#durableNames.get(folder)?.has(name) !== true) return;
    this.#graveCount += 1;
    const grave = join(this.#graveyard, String(this.#graveCount));
    linkSync(path, grave);
    const removed = this.#removed.get(folder) ?? new Map<string, string>();
    this.#removed.set(folder, removed.set(name, grave));
  }
}

/**
 * Another process must read the database: closing it here would drop SQLite's locks. What is
 * under way in other threads goes on meanwhile: a name that goes is a reason to try again.
 */
function copyVolume(from: string, to: string): void {
  for (let attempt = 1; ; attempt += 1) {
    try {
      execFileSync('cp', ['-a', from, to], { stdio: 'pipe' });
      return;
    } catch (error) {
      if (attempt === COPY_ATTEMPTS) throw error;
      rmSync(to, { recursive: true, force: true });
    }
  }
}

/** How far the WAL is valid: leftovers of an earlier round follow with other salts. */
function readWalState(path: string): WalState {
  const wal = readFileSync(path);
  if (wal.length < WAL_HEADER_BYTES) return { salts: '', validBytes: 0 };
  const salts = wal.toString('hex', 16, 24);
  const frameBytes = FRAME_HEADER_BYTES + wal.readUInt32BE(8);
  let end = WAL_HEADER_BYTES;
  while (end + frameBytes <= wal.length && wal.toString('hex', end + 8, end + 16) === salts) {
    end += frameBytes;
  }
  return { salts, validBytes: end };
}
