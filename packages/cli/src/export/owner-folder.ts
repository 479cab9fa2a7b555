/** Reading a mailbox at its owner: folders, facts of messages, octets; nothing is changed. */
import { formatMailbox, parseInternalDate } from '@homeward/imap/grammar';
import { OperatorError } from '../output/operator-error.ts';
import { parseListLine } from '../owner/list-line.ts';
import type { OwnerConnection } from '../owner/owner-connection.ts';

/** A folder that can hold messages. */
export interface OwnerFolder {
  readonly path: string;
  readonly isSubscribed: boolean;
}

/** What is known of a message without its octets. */
export interface MessageFacts {
  readonly uid: number;
  /** Without \Recent. */
  readonly flags: readonly string[];
  readonly receivedMs: number;
  readonly sizeBytes: number;
}

/** A folder as it was when it was opened. */
export interface OpenedFolder {
  readonly uidValidity: number;
  readonly uidNext: number;
  readonly messageCount: number;
  /** Changes with every change of the folder; undefined if the site does not tell it. */
  readonly highestModSeq: string | undefined;
}

/** All folders, by path, INBOX first. */
export async function listOwnerFolders(
  connection: OwnerConnection,
): Promise<readonly OwnerFolder[]> {
  const subscribed = new Set<string>();
  await connection.run('LSUB "" "*"', (line) => {
    const found = parseListLine(line);
    if (found !== undefined) subscribed.add(found.path);
  });
  const folders: OwnerFolder[] = [];
  await connection.run('LIST "" "*"', (line) => {
    const found = parseListLine(line);
    if (found === undefined || found.attributes.some(isUnreal)) return;
    folders.push({ path: found.path, isSubscribed: subscribed.has(found.path) });
  });
  return folders.toSorted((left, right) => order(left.path, right.path));
}

/** RFC 9051 §7.3.1. */
function isUnreal(attribute: string): boolean {
  return /^\\(?:Noselect|NonExistent)$/i.test(attribute);
}

function order(left: string, right: string): number {
  if ((left === 'INBOX') !== (right === 'INBOX')) return left === 'INBOX' ? -1 : 1;
  return left < right ? -1 : 1;
}

/** Selects a folder, read only. @throws OperatorError if it is gone. */
export async function openOwnerFolder(
  connection: OwnerConnection,
  path: string,
): Promise<OpenedFolder> {
  const { status, text, untagged } = await connection.run(`EXAMINE ${formatMailbox(path)}`);
  if (status !== 'OK') throw new OperatorError(`folder ${path}: ${text}`);
  const find = (pattern: RegExp): string | undefined =>
    untagged.map((line) => pattern.exec(line)?.[1]).find((value) => value !== undefined);
  return {
    uidValidity: Number(find(/\[UIDVALIDITY (\d+)\]/) ?? 0),
    uidNext: Number(find(/\[UIDNEXT (\d+)\]/) ?? 0),
    messageCount: Number(find(/^\* (\d+) EXISTS/) ?? 0),
    highestModSeq: find(/\[HIGHESTMODSEQ (\d+)\]/),
  };
}

/** Facts of all messages of the folder that is open, by UID. */
export async function readMessageFacts(
  connection: OwnerConnection,
): Promise<readonly MessageFacts[]> {
  const facts: MessageFacts[] = [];
  await connection.run('UID FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE)', (line) => {
    const found = parseFacts(line);
    if (found !== undefined) facts.push(found);
  });
  return facts.toSorted((left, right) => left.uid - right.uid);
}

function parseFacts(line: string): MessageFacts | undefined {
  const uid = /[( ]UID (\d+)/.exec(line)?.[1];
  const date = /INTERNALDATE "([^"]*)"/.exec(line)?.[1];
  const size = /RFC822\.SIZE (\d+)/.exec(line)?.[1];
  // What other sessions change meanwhile comes without the rest.
  if (!line.includes(' FETCH ') || uid === undefined || date === undefined) return undefined;
  const flags = /FLAGS \(([^)]*)\)/.exec(line)?.[1] ?? '';
  return {
    uid: Number(uid),
    flags: flags.split(' ').filter((flag) => flag !== '' && flag !== '\\Recent'),
    receivedMs: parseInternalDate(date)?.epochMs ?? 0,
    sizeBytes: Number(size ?? 0),
  };
}
