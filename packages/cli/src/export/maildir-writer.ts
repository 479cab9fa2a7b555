/**
 * An export to Maildir++, as Dovecot and Courier serve it: a file for each message, flags in its
 * name, the date of arrival as its time; folders beside each other as `.Work.2024`. Dovecot's own
 * files tell it keywords, UIDs and subscriptions, so that its clients need not fetch anew.
 *
 * File names carry UID and UIDVALIDITY, by which another run knows what is there; a file is
 * written in `tmp` and renamed when it is whole. Nothing is ever removed.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { cannotWrite } from '../init/write-new-file.ts';
import { replaceFile } from '../output/replace-file.ts';
import type { ExportWriter, FolderWriter } from './export-writer.ts';
import { MaildirNames } from './file-names.ts';
import { type LineEnds, LineEndWriter } from './line-ends.ts';
import { MaildirKeywords } from './maildir-flags.ts';
import type { MessageFacts, OpenedFolder, OwnerFolder } from './owner-folder.ts';

/** `1700000000.U5V9.homeward,S=1234:2,FS`; what is behind the colon changes. */
const FILE_NAME = /^\d+\.U(\d+)V(\d+)\.homeward,S=(\d+):2,([A-Za-z]*)$/;

/** Writes into `folder`, which is the Maildir. */
export function createMaildirWriter(
  folder: string,
  lineEnds: LineEnds,
  onLostKeywords: (path: string, count: number) => void,
): ExportWriter {
  const names = new MaildirNames();
  const nameOf = new Map<string, string>();
  const subscribed: string[] = [];
  return {
    openFolder: async (owned, opened, messages) => {
      // The same name again where an attempt is repeated.
      const name = nameOf.get(owned.path) ?? names.next(owned.path);
      if (!nameOf.has(owned.path) && owned.isSubscribed) subscribed.push(owned.path);
      nameOf.set(owned.path, name);
      return MaildirFolder.open(join(folder, name), name, owned, {
        opened,
        messages,
        lineEnds,
        onLostKeywords,
      });
    },
    finish: () => replaceFile(join(folder, 'subscriptions'), formatSubscriptions(subscribed)),
  };
}

/** As Dovecot writes it, version 2: levels are separated by tabs. */
function formatSubscriptions(paths: readonly string[]): string {
  return `V\t2\n\n${paths.map((path) => `${path.replaceAll('/', '\t')}\n`).join('')}`;
}

interface MaildirFolderParts {
  readonly opened: OpenedFolder;
  readonly messages: readonly MessageFacts[];
  readonly lineEnds: LineEnds;
  readonly onLostKeywords: (path: string, count: number) => void;
}

class MaildirFolder implements FolderWriter {
  readonly file: string;
  readonly wanted: readonly MessageFacts[];
  readonly #folder: string;
  readonly #path: string;
  readonly #parts: MaildirFolderParts;
  readonly #keywords: MaildirKeywords;
  /** Names up to the colon, by UID. */
  readonly #names: Map<number, string>;

  private constructor(
    folder: string,
    file: string,
    path: string,
    parts: MaildirFolderParts,
    keywords: MaildirKeywords,
    names: Map<number, string>,
  ) {
    this.#folder = folder;
    this.file = file === '' ? '.' : file;
    this.#path = path;
    this.#parts = parts;
    this.#keywords = keywords;
    this.#names = names;
    this.wanted = parts.messages.filter(({ uid }) => !names.has(uid));
  }

  static async open(
    folder: string,
    file: string,
    { path }: OwnerFolder,
    parts: MaildirFolderParts,
  ): Promise<MaildirFolder> {
    try {
      for (const part of ['tmp', 'new', 'cur']) {
        await mkdir(join(folder, part), { recursive: true, mode: 0o700 });
      }
      // Dovecot and Courier tell folders from other things by it.
      if (file !== '') await replaceFile(join(folder, 'maildirfolder'), '');
      const keywords = new MaildirKeywords(await readText(join(folder, 'dovecot-keywords')));
      const names = await bringUpToDate(join(folder, 'cur'), parts, keywords);
      return new MaildirFolder(folder, file, path, parts, keywords, names);
    } catch (error) {
      throw cannotWrite(folder, error);
    }
  }

  async write(message: MessageFacts, chunks: AsyncIterable<Uint8Array>): Promise<boolean> {
    const { uid, flags, receivedMs } = message;
    const { uidValidity } = this.#parts.opened;
    const lineEnds = new LineEndWriter(this.#parts.lineEnds);
    const stem = `${Math.floor(receivedMs / 1_000)}.U${uid}V${uidValidity}.homeward`;
    const draft = join(this.#folder, 'tmp', stem);
    try {
      const output = createWriteStream(draft, { mode: 0o600 });
      await pipeline(Readable.from(convert(chunks, lineEnds), { objectMode: true }), output);
      const base = `${stem},S=${output.bytesWritten}`;
      const seconds = receivedMs / 1_000;
      await utimes(draft, seconds, seconds);
      const name = `${base}:2,${this.#keywords.lettersOf(flags)}`;
      await rename(draft, join(this.#folder, 'cur', name));
      this.#names.set(uid, base);
    } catch (error) {
      await rm(draft, { force: true });
      throw isSystemFault(error) ? cannotWrite(draft, error) : error;
    }
    return this.#parts.lineEnds === 'exact' || !lineEnds.hasOddEnds;
  }

  async finish(): Promise<void> {
    const { opened, onLostKeywords } = this.#parts;
    await replaceFile(join(this.#folder, 'dovecot-keywords'), this.#keywords.format());
    await replaceFile(join(this.#folder, 'dovecot-uidlist'), formatUidList(opened, this.#names));
    const { lostCount } = this.#keywords;
    if (lostCount > 0) onLostKeywords(this.#path, lostCount);
  }

  async abort(): Promise<void> {}
}

async function* convert(
  chunks: AsyncIterable<Uint8Array>,
  lineEnds: LineEndWriter,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield* lineEnds.push(chunk);
  yield* lineEnds.finish();
}

/**
 * Finds what earlier exports wrote, and gives each file the flags that its message has now. A
 * file that has not the size of its name was cut short by a power failure: it counts for nothing.
 */
async function bringUpToDate(
  folder: string,
  { opened, messages }: MaildirFolderParts,
  keywords: MaildirKeywords,
): Promise<Map<number, string>> {
  const byUid = new Map(messages.map((message) => [message.uid, message]));
  const names = new Map<number, string>();
  for (const name of await readdir(folder)) {
    const [, uid, uidValidity, size, letters] = FILE_NAME.exec(name) ?? [];
    const message = byUid.get(Number(uid));
    if (message === undefined || Number(uidValidity) !== opened.uidValidity) continue;
    const base = name.slice(0, name.indexOf(':'));
    const { size: sizeBytes } = await stat(join(folder, name));
    if (sizeBytes !== Number(size)) await rm(join(folder, name));
    else {
      const wanted = keywords.lettersOf(message.flags);
      if (letters !== wanted) await rename(join(folder, name), join(folder, `${base}:2,${wanted}`));
      names.set(message.uid, base);
    }
  }
  return names;
}

/** Version 3 of Dovecot's list of UIDs: so its clients find the UIDs that they know. */
function formatUidList(
  { uidValidity, uidNext }: OpenedFolder,
  names: ReadonlyMap<number, string>,
): string {
  const lines = [...names]
    .toSorted(([left], [right]) => left - right)
    .map(([uid, name]) => `${uid} :${name}\n`);
  return `3 V${uidValidity} N${uidNext}\n${lines.join('')}`;
}

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  });
}

/** What the file system says, as against what the connection does. */
function isSystemFault(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
