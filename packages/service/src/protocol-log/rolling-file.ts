/**
 * The files of one log, one after the other. Each process makes files of its own (a name is
 * taken by making it), so workers never write into each other's lines.
 */
import { mkdir, open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { formatFileName, periodOf } from './log-file-names.ts';
import type { ProtocolLogSettings } from './protocol-log-settings.ts';
import { removeOldFiles } from './remove-old-files.ts';

type RollSettings = Pick<
  ProtocolLogSettings,
  'folder' | 'rollOver' | 'maxFileBytes' | 'maxAgeDays' | 'maxTotalBytes'
>;

interface OpenFile {
  readonly handle: FileHandle;
  readonly path: string;
  readonly folder: string;
  readonly period: string;
  sizeBytes: number;
}

const DAY_MS = 86_400_000;
/** One file may be so much of all that are kept, so that deleting the oldest leaves some. */
const FILES_KEPT = 4;
const TIDY_EVERY_MS = 600_000;
/** A folder with more files of one period is no log folder any more. */
const MOST_NUMBERS = 1_000_000;

export interface RollingFileParts {
  readonly prefix: string;
  /** The lines that a file begins with. */
  readonly formatHead: (nowMs: number) => string;
  readonly nowMs: () => number;
}

/** Calls must not overlap: `protocol-log.ts` sees to that. */
export class RollingFile {
  readonly #parts: RollingFileParts;
  #file: OpenFile | undefined;
  #tidiedMs = -Infinity;

  constructor(parts: RollingFileParts) {
    this.#parts = parts;
  }

  /**
   * Writes whole lines into the file of the moment. Rejects where that cannot be done (no space,
   * no right): the file is then closed, and the next call begins another.
   */
  async write(lines: string, settings: RollSettings): Promise<void> {
    try {
      const file = await this.#take(settings);
      await file.handle.appendFile(lines);
      file.sizeBytes += Buffer.byteLength(lines);
      await this.#tidy(settings);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Never rejects. */
  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.handle.close().catch(() => undefined);
  }

  async #take(settings: RollSettings): Promise<OpenFile> {
    const period = periodOf(settings.rollOver, this.#parts.nowMs());
    const present = this.#file;
    if (present !== undefined && (await isStillRight(present, period, settings))) return present;
    await this.close();
    const file = await this.#open(period, settings);
    this.#file = file;
    this.#tidiedMs = -Infinity;
    return file;
  }

  async #open(period: string, { folder }: RollSettings): Promise<OpenFile> {
    await mkdir(folder, { recursive: true, mode: 0o750 });
    for (let number = 1; number < MOST_NUMBERS; number += 1) {
      const path = join(folder, formatFileName(this.#parts.prefix, period, number));
      const handle = await openNew(path);
      if (handle === undefined) continue;
      try {
        const head = this.#parts.formatHead(this.#parts.nowMs());
        await handle.appendFile(head);
        return { handle, path, folder, period, sizeBytes: Buffer.byteLength(head) };
      } catch (error) {
        await handle.close().catch(() => undefined);
        // Tried again every few seconds: a full disk must not fill up with empty files.
        await rm(path, { force: true }).catch(() => undefined);
        throw error;
      }
    }
    throw new Error('the folder has too many files');
  }

  async #tidy({ folder, maxAgeDays, maxTotalBytes }: RollSettings): Promise<void> {
    const nowMs = this.#parts.nowMs();
    if (nowMs - this.#tidiedMs < TIDY_EVERY_MS) return;
    this.#tidiedMs = nowMs;
    const limits = { maxAgeMs: maxAgeDays * DAY_MS, maxTotalBytes };
    await removeOldFiles(folder, this.#parts.prefix, this.#file?.path, limits, nowMs);
  }
}

/** Exclusively: nothing if the name is taken. Others than the service's group read nothing. */
async function openNew(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'ax', 0o640);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
}

async function isStillRight(
  { handle, folder, period, sizeBytes }: OpenFile,
  wantedPeriod: string,
  settings: RollSettings,
): Promise<boolean> {
  const { maxFileBytes, maxTotalBytes } = settings;
  if (folder !== settings.folder) return false;
  // Exchange: a size quota takes the place of the period.
  if (maxFileBytes === 0 ? period !== wantedPeriod : sizeBytes >= maxFileBytes) return false;
  if (sizeBytes >= maxTotalBytes / FILES_KEPT) return false;
  // Deleted under our hands: lines written now would be nobody's.
  return (await handle.stat()).nlink > 0;
}
