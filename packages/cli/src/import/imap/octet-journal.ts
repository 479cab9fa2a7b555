/**
 * Remembers which octets the messages of a source's folder have, so that a later run need not
 * fetch them to know that they are at the target already. A message never changes under its UID
 * (RFC 9051 §2.3.1.1), so what is written here stays true; what is lost is only fetched again.
 * Whether a message is imported is decided by what the target holds, never by this.
 *
 * One file for each folder and UIDVALIDITY, a line for each message: `UID EMAILID`. Appended to
 * as the import goes; a last line that a kill cut short counts for nothing.
 */
import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';

const LINE = /^(\d{1,10}) (M[A-Za-z0-9_-]{27})$/;
/** Lines kept back for one write. */
const PENDING_LINES = 64;

/** What names a folder's contents for ever. */
export interface JournalKey {
  readonly source: string;
  readonly folder: string;
  readonly uidValidity: bigint;
}

/** One folder's journal. Close it. */
export class OctetJournal {
  readonly #emailIds: Map<number, string>;
  readonly #handle: FileHandle;
  #pending: string[] = [];

  private constructor(handle: FileHandle, emailIds: Map<number, string>) {
    this.#handle = handle;
    this.#emailIds = emailIds;
  }

  /** Rejects as the file system does; the folder is made. */
  static async open(folder: string, key: JournalKey): Promise<OctetJournal> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const text = JSON.stringify([key.source, key.folder, String(key.uidValidity)]);
    const name = createHash('sha256').update(text).digest('base64url').slice(0, 32);
    const handle = await open(join(folder, `${name}.uids`), 'a+', 0o600);
    try {
      const emailIds = new Map<number, string>();
      let isWhole = true;
      for await (const line of handle.readLines({ start: 0, autoClose: false })) {
        const found = LINE.exec(line);
        isWhole = found !== null;
        if (found?.[2] !== undefined) emailIds.set(Number(found[1]), found[2]);
      }
      // Without this the first new line would be lost with the cut one.
      if (!isWhole) await handle.appendFile('\n');
      return new OctetJournal(handle, emailIds);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  find(uid: number): string | undefined {
    return this.#emailIds.get(uid);
  }

  async remember(uid: number, emailId: string): Promise<void> {
    this.#emailIds.set(uid, emailId);
    this.#pending.push(`${uid} ${emailId}\n`);
    if (this.#pending.length >= PENDING_LINES) await this.#flush();
  }

  async close(): Promise<void> {
    try {
      await this.#flush();
    } finally {
      await this.#handle.close();
    }
  }

  async #flush(): Promise<void> {
    const lines = this.#pending;
    this.#pending = [];
    if (lines.length > 0) await this.#handle.appendFile(lines.join(''));
  }
}
