/**
 * A whole mailbox that looks like someone's life: for demonstrations and for tests. Pure: the
 * same options give the same octets.
 */
import { addTrace, createMessageId, writeMessage } from './message-writer.ts';
import { brokenLetters } from './letters/broken-letters.ts';
import { formatLetters } from './letters/format-letters.ts';
import { draftLetters, junkLetters, trashedLetters } from './letters/junk-letters.ts';
import type { LetterContext, LetterMaker } from './letters/letter-maker.ts';
import { archivedLetters, buildReports, machineLetters } from './letters/machine-letters.ts';
import { reportLetters } from './letters/report-letters.ts';
import { scriptLetters } from './letters/script-letters.ts';
import { threadsOfFriends } from './letters/threads-of-friends.ts';
import { threadsOfWork } from './letters/threads-of-work.ts';
import type { Person } from './people.ts';
import { createSeededRandom } from './seeded-random.ts';
import { writeThread } from './thread-writer.ts';

const dayMs = 86_400_000;

/** How many of the newest messages of the INBOX are unread. */
const unreadCount = 7;

/** Whose mailbox, and when. */
export interface SampleMailboxOptions {
  readonly ownerAddress: string;
  readonly ownerName: string;
  /** A whole number; other numbers give other dates, identifiers and choices. */
  readonly seed: number;
  /** The newest message is a few hours older than this, the oldest almost a year. */
  readonly nowMs: number;
}

/** A message as it lies in a folder. */
export interface SampleMessage {
  /** As IMAP spells them. */
  readonly flags: readonly string[];
  /** Whole seconds. */
  readonly internalDateMs: number;
  /** All line ends are CRLF. */
  readonly octets: Uint8Array;
}

/** RFC 6154. */
export type SampleSpecialUse = '\\Archive' | '\\Drafts' | '\\Junk' | '\\Sent' | '\\Trash';

/** A folder; its messages by date. */
export interface SampleFolder {
  /** Unicode, levels divided by "/"; parents come before their children. */
  readonly path: string;
  readonly specialUse: SampleSpecialUse | undefined;
  readonly isSubscribed: boolean;
  readonly messages: readonly SampleMessage[];
}

/** Everything in one mailbox. */
export interface SampleMailbox {
  readonly folders: readonly SampleFolder[];
}

const folderPlans: readonly (readonly [path: string, use?: SampleSpecialUse])[] = [
  ['INBOX'],
  ['Sent', '\\Sent'],
  ['Drafts', '\\Drafts'],
  ['Trash', '\\Trash'],
  ['Junk', '\\Junk'],
  ['Archive', '\\Archive'],
  ['Builds'],
  ['Projects'],
  ['Projects/Footbridge'],
  ['Projects/Garden'],
  ['Projects/Garden/Trees'],
  ['Receipts'],
  ['Reisen'],
  ['Reisen/Zürich'],
  ['受信'],
  ['受信/仕事'],
];

/** Folders that programs show only if asked for all. */
const unsubscribedPaths: ReadonlySet<string> = new Set(['Receipts']);

/** Single letters by folder. */
const letterPlans: readonly (readonly [path: string, makers: readonly LetterMaker[]])[] = [
  [
    'INBOX',
    [...scriptLetters, ...formatLetters, ...reportLetters, ...brokenLetters, ...machineLetters],
  ],
  ['Drafts', draftLetters],
  ['Trash', trashedLetters],
  ['Junk', junkLetters],
  ['Archive', archivedLetters],
  ['Builds', buildReports],
];

/** About 62 messages in the INBOX, about 105 in all, some 220 KB. */
export function sampleMailbox(options: SampleMailboxOptions): SampleMailbox {
  const context = createContext(options);
  const filed = new Map<string, SampleMessage[]>(folderPlans.map(([path]) => [path, []]));
  const file = (path: string, message: SampleMessage): void => {
    filed.get(path)?.push(message);
  };
  for (const [path, makers] of letterPlans) {
    for (const maker of makers) file(path, makeSingle(maker, path, context));
  }
  for (const thread of [...threadsOfFriends, ...threadsOfWork]) {
    for (const one of writeThread(thread, chooseDate(thread.ageDays, context), context)) {
      const { letter, isFromOwner, isAnswered } = one;
      const octets = writeMessage(letter);
      const flags = isAnswered ? ['\\Answered'] : [];
      if (isFromOwner) file('Sent', finish(octets, letter.dateMs, flags));
      else file(thread.folder, deliver(octets, letter.from, letter.dateMs, flags, context));
    }
  }
  const folders = folderPlans.map(([path, specialUse]): SampleFolder => {
    const messages = filed.get(path) ?? [];
    messages.sort((left, right) => left.internalDateMs - right.internalDateMs);
    const isSubscribed = !unsubscribedPaths.has(path);
    return { path, specialUse, isSubscribed, messages: markSeen(path, messages) };
  });
  return { folders };
}

function createContext({
  ownerAddress,
  ownerName,
  seed,
  nowMs,
}: SampleMailboxOptions): LetterContext {
  const random = createSeededRandom(seed);
  return {
    owner: { name: ownerName, address: ownerAddress, zoneMinutes: 60 },
    random,
    nowMs,
    createBoundary: () => `=_${random.hex(20)}`,
  };
}

/** Up to four percent older than planned, so that two mailboxes differ. */
function chooseDate(ageDays: number, { random, nowMs }: LetterContext): number {
  return nowMs - Math.round(ageDays * dayMs * (1 + random.below(400) / 10_000));
}

function makeSingle(maker: LetterMaker, path: string, context: LetterContext): SampleMessage {
  const { ageDays, flags = [], damage, ...letter } = maker(context);
  const dateMs = chooseDate(ageDays, context);
  const messageId = createMessageId(context.random, letter.from);
  const octets = writeMessage({ ...letter, dateMs, messageId });
  if (path === 'Drafts') return finish(octets, dateMs, ['\\Draft', ...flags]);
  const message = deliver(octets, letter.from, dateMs, flags, context);
  if (damage === undefined) return message;
  const damaged = damage(Buffer.from(message.octets).toString('latin1'));
  return { ...message, octets: Buffer.from(damaged, 'latin1') };
}

/** As it arrives: with trace fields, a few seconds later. */
function deliver(
  octets: Buffer,
  from: Person,
  dateMs: number,
  flags: readonly string[],
  context: LetterContext,
): SampleMessage {
  const arrivalMs = dateMs + (1 + context.random.below(20)) * 1000;
  return finish(addTrace(octets, from, context.owner, arrivalMs, context.random), arrivalMs, flags);
}

function finish(octets: Buffer, timeMs: number, flags: readonly string[]): SampleMessage {
  return { flags, internalDateMs: Math.floor(timeMs / 1000) * 1000, octets };
}

/** Everything is read but the newest mail, and what nobody looks at. */
function markSeen(path: string, messages: readonly SampleMessage[]): readonly SampleMessage[] {
  if (path === 'Junk') return messages;
  const firstUnread =
    path === 'INBOX' ? messages.length - unreadCount : path === 'Builds' ? 3 : messages.length;
  return messages.map((message, index) => {
    const isSeen = index < firstUnread || message.flags.includes('\\Answered');
    return isSeen ? { ...message, flags: ['\\Seen', ...message.flags] } : message;
  });
}
