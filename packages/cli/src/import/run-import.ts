/**
 * Imports a source into a mailbox, never twice: a message whose octets lie in the target folder
 * already (by EMAILID, RFC 8474 §5.1, which the store derives from the octets) is not sent
 * again, however often the command is run or wherever it was interrupted. A message that the
 * source holds three times is there three times afterwards.
 */
import { createHash } from 'node:crypto';
import { formatInternalDate, formatMailbox } from '@homeward/imap/grammar';
import { parseMessageDate, readHeaderField } from '@homeward/mime';
import { OperatorError } from '../output/operator-error.ts';
import type { OwnerAnswer, OwnerConnection } from '../owner/owner-connection.ts';
import type { ImportSource, SourceFolder, SourceMessage } from './import-source.ts';

/** How many APPENDs may wait for their answers; the site syncs them together. */
const WINDOW = 16;
const WINDOW_BYTES = 4 * 1024 * 1024;

export interface ImportOptions {
  /** Everything goes below this folder; undefined: INBOX to INBOX, the rest beside it. */
  readonly into: string | undefined;
  readonly nowMs: number;
  readonly onProgress: (bytes: number) => void;
}

/** A message that the site did not take, and why. */
export interface ImportFailure {
  readonly place: string;
  readonly reason: string;
}

export interface ImportResult {
  readonly folderCount: number;
  readonly importedCount: number;
  /** They were there already. */
  readonly skippedCount: number;
  readonly failures: readonly ImportFailure[];
}

/** Runs the import over an open connection. @throws OperatorError if the site hangs up. */
export async function runImport(
  source: ImportSource,
  connection: OwnerConnection,
  options: ImportOptions,
): Promise<ImportResult> {
  let importedCount = 0;
  let skippedCount = 0;
  const failures: ImportFailure[] = [];
  for (const folder of source.folders) {
    const path = targetPath(folder.path, options.into);
    await ensureFolder(connection, path);
    const present = await countEmailIds(connection, path);
    const sender = new AppendWindow(connection, path, failures);
    for await (const message of folder.messages(options.onProgress)) {
      if (message.problem !== undefined) {
        failures.push({ place: message.place, reason: message.problem });
        continue;
      }
      const id = emailIdOf(message.octets);
      const copies = present.get(id) ?? 0;
      if (copies > 0) {
        present.set(id, copies - 1);
        skippedCount += 1;
      } else {
        await sender.append(message, options.nowMs);
      }
    }
    await sender.drain();
    importedCount += sender.appendedCount;
  }
  return { folderCount: source.folders.length, importedCount, skippedCount, failures };
}

function targetPath(path: SourceFolder['path'], into: string | undefined): string {
  if (into === undefined) return path;
  return path === 'INBOX' ? into : `${into}/${path}`;
}

async function ensureFolder(connection: OwnerConnection, path: string): Promise<void> {
  if (path === 'INBOX') return;
  const created = await connection.run(`CREATE ${formatMailbox(path)}`);
  if (created.status === 'OK' || created.text.startsWith('[ALREADYEXISTS]')) return;
  throw new OperatorError(`folder ${path} cannot be made: ${created.text}`);
}

/** How often each EMAILID lies in the folder. */
async function countEmailIds(
  connection: OwnerConnection,
  path: string,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const opened = await connection.run(`EXAMINE ${formatMailbox(path)}`);
  if (opened.status !== 'OK') throw new OperatorError(`folder ${path}: ${opened.text}`);
  const { untagged } = await connection.run('UID FETCH 1:* (EMAILID)');
  for (const line of untagged) {
    const id = /EMAILID \(([^)]+)\)/.exec(line)?.[1];
    if (id !== undefined) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  await connection.run('UNSELECT');
  return counts;
}

/** As the store makes it: see `MessageFacts.emailId` of `@homeward/mailstore`. */
export function emailIdOf(octets: Uint8Array): string {
  const digest = createHash('sha256').update(octets).digest();
  return `M${digest.subarray(0, 20).toString('base64url')}`;
}

/** APPENDs in flight, answered in order. */
class AppendWindow {
  appendedCount = 0;
  readonly #connection: OwnerConnection;
  readonly #path: string;
  readonly #failures: ImportFailure[];
  #inFlight: { readonly place: string; readonly bytes: number }[] = [];
  #bytes = 0;

  constructor(connection: OwnerConnection, path: string, failures: ImportFailure[]) {
    this.#connection = connection;
    this.#path = path;
    this.#failures = failures;
  }

  async append(message: SourceMessage, nowMs: number): Promise<void> {
    const { octets, place } = message;
    const isFull = (): boolean =>
      this.#inFlight.length >= WINDOW || this.#bytes + octets.length > WINDOW_BYTES;
    while (this.#inFlight.length > 0 && isFull()) await this.#settleFirst();
    const flags = message.flags.length === 0 ? '' : ` (${message.flags.join(' ')})`;
    const date = formatInternalDate({ epochMs: receivedMs(message, nowMs), zoneMinutes: 0 });
    await this.#connection.send(`APPEND ${formatMailbox(this.#path)}${flags} ${date}`, octets);
    this.#inFlight.push({ place, bytes: octets.length });
    this.#bytes += octets.length;
  }

  async drain(): Promise<void> {
    while (this.#inFlight.length > 0) await this.#settleFirst();
  }

  async #settleFirst(): Promise<void> {
    const answer: OwnerAnswer = await this.#connection.nextAnswer();
    const sent = this.#inFlight.shift();
    if (sent === undefined) return;
    this.#bytes -= sent.bytes;
    if (answer.status === 'OK') this.appendedCount += 1;
    else this.#failures.push({ place: sent.place, reason: answer.text });
  }
}

function receivedMs({ receivedMs: given, octets }: SourceMessage, nowMs: number): number {
  if (given !== undefined) return given;
  const header = octets.subarray(0, 64 * 1024);
  return parseMessageDate(readHeaderField(header, 'date') ?? '')?.timeMs ?? nowMs;
}
