/**
 * The inbox as POP3 sees it: locked against other maildrops and frozen (RFC 1939 §4). A message
 * costs four octets here, beside the folder's index that all sessions share: 100,000 of them
 * are 400 KB.
 */
import type {
  FactName,
  FlagChange,
  Maildrop,
  MessageContent,
  Outcome,
  Uid,
  UidList,
} from './api.ts';
import { INBOX } from './folder-path.ts';
import { FolderView } from './folder-view.ts';
import type { MailboxCore } from './mailbox-core.ts';
import type { OpenFolder } from './open-folder.ts';

const SAVE_DATE: ReadonlySet<FactName> = new Set(['save-date']);
/** So many messages are looked at for one whose date is known. */
const DATES_AT_ONCE = 8;
const SHAPE: ReadonlySet<FactName> = new Set(['shape']);
const SEEN: FlagChange = { kind: 'add', flags: ['\\Seen'] };
/** Marks are gathered for so long, or up to so many, and made in one transaction. */
const MARK_DELAY_MS = 100;
const MARK_COUNT = 500;
const GET_OCTETS = 'SELECT octets FROM content WHERE message_id = ?';

/** Takes the lock and freezes the listing. Close what it gives. */
export async function openInboxMaildrop(core: MailboxCore): Promise<Outcome<Maildrop>> {
  if (!core.takeMaildrop()) return { ok: false, reason: 'in-use' };
  const opened = await core.openFolder(INBOX, (folder) => new InboxMaildrop(core, folder));
  if (!opened.ok) core.releaseMaildrop();
  return opened;
}

/** The view's own methods serve it; what a maildrop adds is the frozen listing and the lock. */
class InboxMaildrop implements Maildrop {
  /** Told of publications by the folder, which it keeps in memory. */
  readonly isReadOnly = true;
  readonly #core: MailboxCore;
  readonly #folder: OpenFolder;
  readonly #view: FolderView;
  readonly #uids: UidList;
  readonly #sizes: Uint32Array;
  readonly #uidlPrefix: string;
  readonly #marking = new Set<Promise<unknown>>();
  #toMark = new Set<Uid>();
  #cancelTimer: (() => void) | undefined;
  #isUnlocked = false;
  #closing: Promise<void> | undefined;

  constructor(core: MailboxCore, folder: OpenFolder) {
    const { index, record } = folder;
    this.#core = core;
    this.#folder = folder;
    this.#view = new FolderView(core, folder, true);
    this.#uids = index.uids;
    this.#sizes = new Uint32Array(index.uids.length);
    for (let at = 0; at < this.#sizes.length; at += 1) this.#sizes[at] = index.sizeBytesAt(at);
    this.#uidlPrefix = toHex(record.uidValidity);
  }

  get messageCount(): number {
    return this.#sizes.length;
  }

  sizeBytesAt(index: number): number {
    return this.#sizes[index] ?? 0;
  }

  /**
   * 16 hexadecimal digits, UIDVALIDITY before UID: neither changes nor comes again for as long
   * as the mailbox lives, wherever it is moved to.
   */
  uidlAt(index: number): string {
    return this.#uidlPrefix + toHex(this.#uidAt(index) ?? 0);
  }

  open(index: number): Uint8Array | Promise<MessageContent | undefined> {
    const uid = this.#uidAt(index);
    if (uid === undefined) return Promise.resolve(undefined);
    // What is no row of the database is a file, and what is wrong with the volume is told there.
    return this.#readRow(uid) ?? this.#view.openMessage(uid);
  }

  async readShape(index: number): Promise<Uint8Array | undefined> {
    const uid = this.#uidAt(index);
    if (uid === undefined) return undefined;
    const [facts] = await this.#view.readFacts([uid], SHAPE);
    return facts?.shape;
  }

  async findSeenBefore(savedBeforeMs: number): Promise<Uint32Array> {
    const end = await this.#findSavedBefore(savedBeforeMs);
    const { index } = this.#folder;
    const found = new Uint32Array(end);
    let count = 0;
    for (let at = 0; at < end; at += 1) {
      const uid = this.#uidAt(at);
      const position = uid === undefined ? -1 : index.positionOf(uid);
      if (uid === undefined || position === -1) continue;
      if (!index.flagsAt(position).isSeen && !this.#toMark.has(uid)) continue;
      found[count] = at;
      count += 1;
    }
    return found.slice(0, count);
  }

  async remove(indexes: Uint32Array): Promise<boolean> {
    const uids: number[] = [];
    for (const index of indexes) {
      const uid = this.#uidAt(index);
      if (uid !== undefined) uids.push(uid);
    }
    const removed = await this.#core.expunge(this.#folder.record.id, uids, false);
    return removed.ok;
  }

  markSeen(index: number): void {
    const uid = this.#uidAt(index);
    if (uid === undefined) return;
    const position = this.#folder.index.positionOf(uid);
    if (position === -1 || this.#folder.index.flagsAt(position).isSeen) return;
    this.#toMark.add(uid);
    if (this.#toMark.size >= MARK_COUNT) this.#mark();
    else this.#cancelTimer ??= this.#startTimer();
  }

  unlock(): void {
    if (this.#isUnlocked) return;
    this.#isUnlocked = true;
    this.#core.releaseMaildrop();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  notify(): void {
    // Frozen: nothing that is published changes the listing.
  }

  async #close(): Promise<void> {
    this.unlock();
    this.#mark();
    await Promise.all(this.#marking);
    this.#folder.remove(this);
  }

  #uidAt(index: number): Uid | undefined {
    // The list grows behind the frozen length.
    return index < this.#sizes.length ? (this.#uids.values[index] as Uid) : undefined;
  }

  /**
   * Messages get their UIDs in the order in which they come, so the first ones are the oldest.
   * Before a message whose moment is known lie none that came later, known or not.
   *
   * @returns The first index that did not come before that moment.
   */
  async #findSavedBefore(savedBeforeMs: number): Promise<number> {
    let known = 0;
    let low = 0;
    let high = this.#sizes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const saved = await this.#readSaveDate(middle, high);
      if (saved === undefined) {
        // They came before that was noted, or are gone: what is before them decides.
        high = middle;
      } else if (saved.savedMs < savedBeforeMs) {
        known = saved.at + 1;
        low = saved.at + 1;
      } else {
        high = middle;
      }
    }
    return known;
  }

  /** @returns When a message came, or the next one behind it of which that is known. */
  async #readSaveDate(
    from: number,
    to: number,
  ): Promise<{ readonly at: number; readonly savedMs: number } | undefined> {
    const uids = Array.from(this.#uids.values.subarray(from, Math.min(to, from + DATES_AT_ONCE)));
    const facts = await this.#view.readFacts(uids as Uid[], SAVE_DATE);
    const found = facts.find(({ saveDateMs }) => saveDateMs !== undefined);
    if (found?.saveDateMs === undefined) return undefined;
    return { at: from + uids.indexOf(found.uid), savedMs: found.saveDateMs };
  }

  /** Reads a message that lies in the database, without a wait: some 10 µs. */
  #readRow(uid: Uid): Uint8Array | undefined {
    const { index } = this.#folder;
    const position = index.positionOf(uid);
    if (position === -1 || this.#core.isBroken) return undefined;
    try {
      const statement = this.#core.parts.database.statement(GET_OCTETS);
      const octets = statement.row(index.messageIdAt(position))?.[0];
      return octets instanceof Uint8Array ? octets : undefined;
    } catch {
      // Reading it again says what it is, and breaks the mailbox where that is due.
      return undefined;
    }
  }

  #startTimer(): () => void {
    return this.#core.parts.clock.startTimer(MARK_DELAY_MS, () => this.#mark());
  }

  #mark(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#toMark.size === 0) return;
    const uids = [...this.#toMark].sort((a, b) => a - b);
    this.#toMark = new Set();
    const mark = this.#core.changeFlags(this.#folder.record.id, uids, SEEN).finally(() => {
      this.#marking.delete(mark);
    });
    this.#marking.add(mark);
  }
}

function toHex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
