/**
 * Exports a mailbox by way of its owner, folder by folder. When the connection is lost a folder is
 * begun anew after a pause; what is on disk already is not fetched again.
 */
import { ConnectionLostError } from '../output/connection-lost-error.ts';
import { OperatorError } from '../output/operator-error.ts';
import type { OwnerConnection } from '../owner/owner-connection.ts';
import { Reconnection } from '../owner/reconnection.ts';
import { formatUidSet } from '../import/imap/uid-set.ts';
import type { ExportWriter, FolderWriter } from './export-writer.ts';
import {
  type MessageFacts,
  openOwnerFolder,
  type OwnerFolder,
  readMessageFacts,
} from './owner-folder.ts';

/** Messages of one FETCH. */
const GROUP = 200;

export interface ExportParts {
  readonly writer: ExportWriter;
  readonly connect: () => Promise<OwnerConnection>;
  readonly wait: (delayMs: number) => Promise<void>;
  readonly onProgress: (messages: number) => void;
  readonly onTrouble: (text: string) => void;
}

/** What became of one folder. */
export interface ExportedFolder {
  readonly path: string;
  /** From the folder of the export. */
  readonly file: string;
  readonly exportedCount: number;
  /** They were on disk already. */
  readonly skippedCount: number;
  /** Files from which the very octets cannot be had back. */
  readonly inexactCount: number;
}

/** A folder of which not everything was exported, and why. */
export interface ExportProblem {
  readonly place: string;
  readonly reason: string;
}

export interface ExportResult {
  readonly folders: readonly ExportedFolder[];
  readonly problems: readonly ExportProblem[];
}

/** Leaves the connection open, or another in its place: close what `connection` gives. */
export class MailboxExport {
  readonly #parts: ExportParts;
  #connection: OwnerConnection;

  constructor(connection: OwnerConnection, parts: ExportParts) {
    this.#connection = connection;
    this.#parts = parts;
  }

  /** @throws OperatorError if the site stays away, or files cannot be written. */
  async run(folders: readonly OwnerFolder[]): Promise<ExportResult> {
    const exported: ExportedFolder[] = [];
    const problems: ExportProblem[] = [];
    for (const folder of folders) {
      const outcome = await this.#exportStubbornly(folder);
      if ('reason' in outcome) problems.push(outcome);
      else exported.push(outcome);
    }
    await this.#parts.writer.finish();
    return { folders: exported, problems };
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  async #exportStubbornly(folder: OwnerFolder): Promise<ExportedFolder | ExportProblem> {
    const reconnection = new Reconnection({
      reopen: () => this.#reconnect(),
      wait: this.#parts.wait,
      onTrouble: this.#parts.onTrouble,
      remedy: 'What was exported stays; run this again to go on',
    });
    let written = 0;
    for (;;) {
      const before = written;
      try {
        return await this.#exportFolder(folder, () => (written += 1));
      } catch (error) {
        if (!(error instanceof ConnectionLostError)) throw error;
        await reconnection.recover(error, written > before);
      }
    }
  }

  async #reconnect(): Promise<void> {
    await this.#connection.close();
    this.#connection = await this.#parts.connect();
  }

  async #exportFolder(
    folder: OwnerFolder,
    onWritten: () => void,
  ): Promise<ExportedFolder | ExportProblem> {
    const opened = await openOwnerFolder(this.#connection, folder.path).catch((error: unknown) => {
      // Somebody may have deleted or renamed it meanwhile.
      if (!(error instanceof OperatorError) || error instanceof ConnectionLostError) throw error;
      return { place: folder.path, reason: error.message };
    });
    if ('reason' in opened) return opened;
    const messages = await readMessageFacts(this.#connection);
    const files = await this.#parts.writer.openFolder(folder, opened, messages);
    try {
      const counts = await this.#writeMessages(files, onWritten);
      await files.finish();
      const skippedCount = messages.length - files.wanted.length;
      this.#parts.onProgress(skippedCount);
      return { path: folder.path, file: files.file, skippedCount, ...counts };
    } catch (error) {
      await files.abort();
      throw error;
    }
  }

  async #writeMessages(
    files: FolderWriter,
    onWritten: () => void,
  ): Promise<Pick<ExportedFolder, 'exportedCount' | 'inexactCount'>> {
    let exportedCount = 0;
    let inexactCount = 0;
    for (let from = 0; from < files.wanted.length; from += GROUP) {
      const group = files.wanted.slice(from, from + GROUP);
      const byUid = new Map(group.map((message) => [message.uid, message]));
      const set = formatUidSet(group.map(({ uid }: MessageFacts) => uid));
      for await (const { uid, chunks } of this.#connection.fetchBodies(set)) {
        const message = byUid.get(uid);
        if (message === undefined) continue;
        if (!(await files.write(message, chunks))) inexactCount += 1;
        exportedCount += 1;
        onWritten();
        this.#parts.onProgress(1);
      }
    }
    return { exportedCount, inexactCount };
  }
}
