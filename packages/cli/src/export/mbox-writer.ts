/**
 * An export to mbox: one file for each folder, written beside itself and renamed when it is
 * whole. A folder that has not changed since the last export is not written again.
 */
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { readHeaderField } from '@homeward/mime';
import { cannotWrite } from '../init/write-new-file.ts';
import type { ExportNotes } from './export-notes.ts';
import type { ExportWriter, FolderWriter } from './export-writer.ts';
import { MboxNames } from './file-names.ts';
import { type LineEnds, LineEndWriter } from './line-ends.ts';
import { formatFlagFields } from './mbox-flags.ts';
import { MboxLines } from './mbox-lines.ts';
import type { MessageFacts } from './owner-folder.ts';

/** What `Return-Path` is looked for in. */
const HEAD_BYTES = 16 * 1024;

/** @param notes What the last export to this folder left there. */
export function createMboxWriter(
  folder: string,
  lineEnds: LineEnds,
  notes: ExportNotes,
): ExportWriter {
  const names = new MboxNames();
  const fileOf = new Map<string, string>();
  return {
    openFolder: async ({ path }, opened, messages) => {
      // The same name again where an attempt is repeated.
      const file = fileOf.get(path) ?? names.next(path);
      fileOf.set(path, file);
      const target = join(folder, file);
      const state = [opened.uidValidity, opened.uidNext, opened.highestModSeq, lineEnds].join(' ');
      const isKnown = opened.highestModSeq !== undefined && notes.stateOf(file) === state;
      const size = await stat(target).then(
        (found) => found.size,
        () => undefined,
      );
      if (isKnown && size === notes.sizeOf(file)) return unchanged(file);
      return MboxFolder.open({ file, target, lineEnds, messages }, (sizeBytes) =>
        notes.setFile(file, state, sizeBytes),
      );
    },
    finish: () => notes.save(),
  };
}

function unchanged(file: string): FolderWriter {
  const nothing = async (): Promise<void> => {};
  return { file, wanted: [], write: async () => true, finish: nothing, abort: nothing };
}

interface MboxFolderParts {
  readonly file: string;
  readonly target: string;
  readonly lineEnds: LineEnds;
  readonly messages: readonly MessageFacts[];
}

class MboxFolder implements FolderWriter {
  readonly file: string;
  readonly wanted: readonly MessageFacts[];
  readonly #target: string;
  readonly #lineEnds: LineEnds;
  readonly #lineEnd: string;
  readonly #onWhole: (sizeBytes: number) => void;
  readonly #output: WriteStream;
  #fault: unknown;

  private constructor(parts: MboxFolderParts, onWhole: (sizeBytes: number) => void) {
    this.file = parts.file;
    this.wanted = parts.messages;
    this.#target = parts.target;
    this.#lineEnds = parts.lineEnds;
    this.#lineEnd = parts.lineEnds === 'lf' ? '\n' : '\r\n';
    this.#onWhole = onWhole;
    this.#output = createWriteStream(this.#draft, { mode: 0o600, highWaterMark: 1024 * 1024 });
    this.#output.on('error', (error) => (this.#fault = error));
  }

  static async open(
    parts: MboxFolderParts,
    onWhole: (sizeBytes: number) => void,
  ): Promise<MboxFolder> {
    await mkdir(dirname(parts.target), { recursive: true, mode: 0o700 }).catch((error: unknown) => {
      throw cannotWrite(dirname(parts.target), error);
    });
    return new MboxFolder(parts, onWhole);
  }

  get #draft(): string {
    return `${this.#target}.part`;
  }

  async write(message: MessageFacts, chunks: AsyncIterable<Uint8Array>): Promise<boolean> {
    const lineEnds = new LineEndWriter(this.#lineEnds);
    const lines = new MboxLines();
    let isBegun = false;
    for await (const chunk of chunks) {
      // The first chunk of a message is nearly always all of its header.
      if (!isBegun) await this.#put(this.#formatStart(message, chunk));
      isBegun = true;
      for (const piece of lineEnds.push(chunk)) await this.#putAll(lines.push(piece));
    }
    if (!isBegun) await this.#put(this.#formatStart(message, Buffer.alloc(0)));
    for (const piece of lineEnds.finish()) await this.#putAll(lines.push(piece));
    await this.#putAll(lines.finish());
    const { endsWithLine } = lineEnds;
    await this.#put(endsWithLine ? this.#lineEnd : this.#lineEnd + this.#lineEnd);
    const isUndoable = this.#lineEnds === 'exact' || !lineEnds.hasOddEnds;
    return isUndoable && endsWithLine && !lines.hasDropped;
  }

  async finish(): Promise<void> {
    try {
      this.#output.end();
      await finished(this.#output);
      await rename(this.#draft, this.#target);
    } catch (error) {
      throw cannotWrite(this.#target, this.#fault ?? error);
    }
    this.#onWhole(this.#output.bytesWritten);
  }

  async abort(): Promise<void> {
    this.#output.destroy();
    if (!this.#output.closed) await once(this.#output, 'close');
    // What cannot be removed does not look whole either, and why it all failed is told already.
    await rm(this.#draft, { force: true }).catch(() => {});
  }

  #formatStart({ flags, receivedMs }: MessageFacts, head: Uint8Array): Buffer {
    const path = readHeaderField(head.subarray(0, HEAD_BYTES), 'return-path') ?? '';
    const sender = /^\s*<?([!-;=?-~]+@[!-;=?-~]+)>?\s*$/.exec(path)?.[1] ?? 'MAILER-DAEMON';
    const from = `From ${sender} ${formatTime(receivedMs)}${this.#lineEnd}`;
    return Buffer.from(from + formatFlagFields(flags, this.#lineEnd), 'latin1');
  }

  async #putAll(pieces: readonly Uint8Array[]): Promise<void> {
    for (const piece of pieces) await this.#put(piece);
  }

  /** Or closed, which a fault ends in. Leaves no listener behind. */
  async #drained(): Promise<void> {
    const waiting = new AbortController();
    const { signal } = waiting;
    const ends = ['drain', 'close'].map((event) => once(this.#output, event, { signal }));
    try {
      await Promise.race(ends);
    } catch (error) {
      throw cannotWrite(this.#target, error);
    } finally {
      waiting.abort();
    }
  }

  async #put(octets: Uint8Array | string): Promise<void> {
    if (this.#fault !== undefined) throw cannotWrite(this.#target, this.#fault);
    if (this.#output.write(octets)) return;
    await this.#drained();
    if (this.#fault !== undefined) throw cannotWrite(this.#target, this.#fault);
  }
}

/** `Thu Jan  1 00:00:00 1970`, in UTC (RFC 4155, appendix A). */
function formatTime(timeMs: number): string {
  const [weekday, day = '', month, year, time] = new Date(timeMs).toUTCString().split(/,? /);
  return `${weekday} ${month} ${String(Number(day)).padStart(2)} ${time} ${year}`;
}
