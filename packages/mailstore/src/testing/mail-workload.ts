/**
 * A random but repeatable client: appends one and many, replaces, flags (on condition, too),
 * copies, moves, expunges, creates, renames and deletes, and notes in a ledger what it asked
 * and what it was told. It works on its own messages and folders only, so several can run side
 * by side on one mailbox; what it has open, it watches.
 */
import type { CopyResult, Folder, Mailbox, Uid, UidValidity } from '../api.ts';
import type { LedgerGroup, MailLedger } from './mail-ledger.ts';
import {
  asUid,
  asUids,
  openFolder,
  tryAppendAll,
  valueOf,
  type TestMessage,
} from './mail-steps.ts';

/** Flags in the order in which a store shows them. */
const FLAGS = ['\\Answered', '\\Flagged', '\\Seen', '$One', '$Two'];
/** Folders that it watches. */
const WATCHED_COUNT = 2;

interface OwnMessage {
  readonly path: string;
  readonly uidValidity: number;
  readonly uid: number;
}

type Announced = TestMessage & { readonly epochMs: number; readonly flags: readonly string[] };

export class MailWorkload {
  readonly #mailbox: Mailbox;
  readonly #ledger: MailLedger;
  readonly #random: () => number;
  readonly #lane: number;
  #messages: OwnMessage[] = [];
  #folders: string[] = [];
  #watched: Folder[] = [];
  #count = 0;

  constructor(mailbox: Mailbox, ledger: MailLedger, random: () => number, lane: number) {
    this.#mailbox = mailbox;
    this.#ledger = ledger;
    this.#random = random;
    this.#lane = lane;
  }

  async step(): Promise<void> {
    const dice = this.#random();
    if (dice < 0.3 || this.#messages.length < 3) await this.#append(1);
    else if (dice < 0.36) await this.#append(2 + Math.floor(this.#random() * 12));
    // Enough octets to be put aside before their end.
    else if (dice < 0.38) await this.#append(120);
    else if (dice < 0.45) await this.#replace();
    else if (dice < 0.57) await this.#changeFlags();
    else if (dice < 0.66) await this.#copy();
    else if (dice < 0.75) await this.#move();
    else if (dice < 0.84) await this.#expunge();
    else if (dice < 0.91) await this.#createFolder();
    else if (dice < 0.96) await this.#renameFolder();
    else await this.#deleteFolder();
  }

  async #append(count: number): Promise<void> {
    const path = this.#pick(['INBOX', ...this.#folders]);
    const messages = Array.from({ length: count }, () => this.#announce());
    await this.#appendAll(path, messages);
  }

  async #replace(): Promise<void> {
    const { path, uidValidity, uid } = this.#pick(this.#messages);
    const toPath = this.#pick([path, 'INBOX', ...this.#folders]);
    const folder = await openFolder(this.#mailbox, path);
    const replacing = { folder, uid: asUid(uid) };
    this.#ledger.note({ kind: 'present', uidValidity, uids: [uid], isPresent: null });
    await this.#appendAll(toPath, [this.#announce()], { uidValidity, uid }, replacing);
    this.#ledger.note({ kind: 'present', uidValidity, uids: [uid], isPresent: false });
    this.#forget(uidValidity, [uid]);
    folder.close();
  }

  async #appendAll(
    path: string,
    messages: readonly Announced[],
    replaced?: LedgerGroup['replaced'],
    replacing?: Parameters<typeof tryAppendAll>[3],
  ): Promise<void> {
    const toValidity = await this.#uidValidityOf(path);
    const epochs = messages.map(({ epochMs }) => epochMs);
    const ends = this.#begin({ toValidity, epochs, ...(replaced && { replaced }) });
    const outcome = await tryAppendAll(this.#mailbox, path, messages, replacing);
    const { uids, uidValidity } = valueOf(outcome);
    const places = uids.map((uid, at) => {
      const { epochMs = 0, flags = [] } = messages[at] ?? {};
      return { uid, epochMs, flags };
    });
    this.#ledger.note({ kind: 'placed', uidValidity, places, ends });
    this.#messages.push(...uids.map((uid) => ({ path, uidValidity, uid })));
  }

  #announce(): Announced {
    this.#count += 1;
    const epochMs = 1_000_000 * (this.#lane + 1) + this.#count;
    const bodyBytes = this.#random() < 0.12 ? 200_000 : Math.floor(this.#random() * 9000);
    const name = `lane ${this.#lane} message ${this.#count}`;
    this.#ledger.note({ kind: 'announced', epochMs, name, bodyBytes });
    return {
      epochMs,
      octets: this.#ledger.octetsOf(epochMs) ?? Buffer.alloc(0),
      flags: FLAGS.filter(() => this.#random() < 0.3),
      internalDate: { epochMs, zoneMinutes: 0 },
      // Nobody knows the size of some.
      ...(this.#random() < 0.2 && { sizeBytes: undefined }),
    };
  }

  async #changeFlags(): Promise<void> {
    const { path, uidValidity, uids } = this.#pickMessages();
    const flags = FLAGS.filter(() => this.#random() < 0.4);
    const folder = await openFolder(this.#mailbox, path);
    const before = folder.index.highestModSeq;
    const condition = this.#random() < 0.5 ? before : undefined;
    this.#ledger.note({ kind: 'flagged', uidValidity, uids, flags: null });
    const { modified } = valueOf(
      await folder.changeFlags(uids, { kind: 'replace', flags }, condition),
    );
    // Nobody else changes them.
    if (modified.length > 0) throw new Error('a condition failed that holds');
    this.#ledger.note({ kind: 'flagged', uidValidity, uids, flags });
    folder.close();
  }

  async #copy(): Promise<void> {
    const { path, uidValidity, uids } = this.#pickMessages();
    const toPath = this.#pick(['INBOX', ...this.#folders]);
    const folder = await openFolder(this.#mailbox, path);
    const toValidity = await this.#uidValidityOf(toPath);
    const epochs = uids.map((uid) => this.#ledger.place(uidValidity, uid).epochMs);
    const ends = this.#begin({ toValidity, epochs });
    const copied = valueOf(await folder.copy(uids, toPath));
    this.#noteCopies(folder.uidValidity, toPath, copied, ends);
    folder.close();
  }

  async #move(): Promise<void> {
    const { path, uidValidity, uids } = this.#pickMessages();
    const toPath = this.#pick(['INBOX', ...this.#folders]);
    this.#ledger.note({ kind: 'present', uidValidity, uids, isPresent: null });
    const folder = await openFolder(this.#mailbox, path);
    const moved = valueOf(await folder.move(uids, toPath));
    this.#noteCopies(folder.uidValidity, toPath, moved, null);
    this.#ledger.note({ kind: 'present', uidValidity, uids, isPresent: false });
    this.#forget(folder.uidValidity, uids);
    folder.close();
  }

  async #expunge(): Promise<void> {
    const { path, uidValidity, uids } = this.#pickMessages();
    this.#ledger.note({ kind: 'present', uidValidity, uids, isPresent: null });
    this.#ledger.note({ kind: 'flagged', uidValidity, uids, flags: null });
    const folder = await openFolder(this.#mailbox, path);
    valueOf(await folder.changeFlags(uids, { kind: 'add', flags: ['\\Deleted'] }));
    valueOf(await folder.expunge(uids));
    this.#ledger.note({ kind: 'present', uidValidity, uids, isPresent: false });
    this.#forget(folder.uidValidity, uids);
    folder.close();
  }

  async #createFolder(): Promise<void> {
    this.#count += 1;
    const path = `Lane ${this.#lane}/Folder ${this.#count}`;
    valueOf(await this.#mailbox.createFolder(path, true));
    this.#ledger.note({
      kind: 'folder',
      uidValidity: await this.#uidValidityOf(path),
      paths: [path],
    });
    this.#folders.push(path);
    await this.#watch(path);
  }

  async #renameFolder(): Promise<void> {
    const from = this.#folders.shift();
    if (from === undefined) return;
    this.#count += 1;
    const to = `Lane ${this.#lane}/Renamed ${this.#count}`;
    const uidValidity = await this.#uidValidityOf(from);
    this.#ledger.note({ kind: 'folder', uidValidity, paths: [from, to] });
    valueOf(await this.#mailbox.renameFolder(from, to));
    this.#ledger.note({ kind: 'folder', uidValidity, paths: [to] });
    this.#folders.push(to);
    this.#messages = this.#messages.map((one) => (one.path === from ? { ...one, path: to } : one));
  }

  async #deleteFolder(): Promise<void> {
    const path = this.#folders.shift();
    if (path === undefined) return;
    const uidValidity = await this.#uidValidityOf(path);
    this.#ledger.note({ kind: 'folder', uidValidity, paths: [path, null] });
    this.#messages = this.#messages.filter((one) => one.path !== path);
    valueOf(await this.#mailbox.deleteFolder(path));
    this.#ledger.note({ kind: 'folder', uidValidity, paths: [null] });
  }

  /** Keeps the latest few folders open and notes what is shown of them. */
  async #watch(path: string): Promise<void> {
    const view = await openFolder(this.#mailbox, path, true);
    view.subscribe(() => this.#ledger.observe(view));
    this.#watched.push(view);
    if (this.#watched.length > WATCHED_COUNT) this.#watched.shift()?.close();
  }

  /** @returns What ends it, together with the note of its outcome. */
  #begin(group: LedgerGroup): string {
    this.#count += 1;
    const id = `${this.#lane}/${this.#count}`;
    this.#ledger.note({ kind: 'begun', id, group });
    return id;
  }

  async #uidValidityOf(path: string): Promise<number> {
    return valueOf(await this.#mailbox.statusOf(path)).uidValidity;
  }

  /** Some of the messages in one folder. */
  #pickMessages(): { path: string; uidValidity: number; uids: Uid[] } {
    const { path, uidValidity } = this.#pick(this.#messages);
    const there = this.#messages.filter((one) => one.path === path);
    const some = there.filter(() => this.#random() < 0.5);
    return { path, uidValidity, uids: asUids(...(some.length > 0 ? some : there).map(uidOf)) };
  }

  #noteCopies(
    fromValidity: UidValidity,
    toPath: string,
    copied: CopyResult,
    ends: string | null,
  ): void {
    const { uidValidity, newUids } = copied;
    const places = newUids.map((uid, at) => {
      const source = this.#ledger.place(fromValidity, copied.sourceUids[at] ?? asUid(0));
      return { uid, epochMs: source.epochMs, flags: source.flags ?? [] };
    });
    this.#ledger.note({ kind: 'placed', uidValidity, places, ends });
    this.#messages.push(...newUids.map((uid) => ({ path: toPath, uidValidity, uid })));
  }

  #forget(uidValidity: number, uids: readonly number[]): void {
    const gone = new Set(uids);
    this.#messages = this.#messages.filter(
      (one) => one.uidValidity !== uidValidity || !gone.has(one.uid),
    );
  }

  #pick<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.#random() * items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }
}

function uidOf({ uid }: OwnMessage): number {
  return uid;
}
