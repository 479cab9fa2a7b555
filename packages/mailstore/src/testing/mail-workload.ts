/**
 * A random but repeatable client: appends, flags, copies, moves, expunges, creates, renames
 * and deletes, and notes in a ledger what it asked and what it was told. It works on its own
 * messages and folders only, so several can run side by side on one mailbox.
 */
import type { CopyResult, Mailbox, Uid, UidValidity } from '../api.ts';
import type { MailLedger } from './mail-ledger.ts';
import { asUid, asUids, makeMessage, openFolder, tryAppend, valueOf } from './mail-steps.ts';

/** Flags in the order in which a store shows them. */
const FLAGS = ['\\Answered', '\\Flagged', '\\Seen', '$One', '$Two'];

interface OwnMessage {
  readonly path: string;
  readonly uidValidity: number;
  readonly uid: number;
}

export class MailWorkload {
  readonly #mailbox: Mailbox;
  readonly #ledger: MailLedger;
  readonly #random: () => number;
  readonly #lane: number;
  #messages: OwnMessage[] = [];
  #folders: string[] = [];
  #count = 0;

  constructor(mailbox: Mailbox, ledger: MailLedger, random: () => number, lane: number) {
    this.#mailbox = mailbox;
    this.#ledger = ledger;
    this.#random = random;
    this.#lane = lane;
  }

  async step(): Promise<void> {
    const dice = this.#random();
    if (dice < 0.4 || this.#messages.length < 3) await this.#append();
    else if (dice < 0.55) await this.#changeFlags();
    else if (dice < 0.65) await this.#copy();
    else if (dice < 0.75) await this.#move();
    else if (dice < 0.85) await this.#expunge();
    else if (dice < 0.92) await this.#createFolder();
    else if (dice < 0.97) await this.#renameFolder();
    else await this.#deleteFolder();
  }

  async #append(): Promise<void> {
    this.#count += 1;
    const path = this.#pick(['INBOX', ...this.#folders]);
    const epochMs = 1_000_000 * (this.#lane + 1) + this.#count;
    const bodyBytes = this.#random() < 0.15 ? 200_000 : Math.floor(this.#random() * 9000);
    const octets = makeMessage(`lane ${this.#lane} message ${this.#count}`, bodyBytes);
    const flags = FLAGS.filter(() => this.#random() < 0.3);
    this.#ledger.announce(epochMs, octets);
    const outcome = await tryAppend(this.#mailbox, octets, {
      path,
      flags,
      internalDate: { epochMs, zoneMinutes: 0 },
    });
    const { uids, uidValidity } = valueOf(outcome);
    const uid = uids[0] ?? asUid(0);
    this.#ledger.acknowledge(uidValidity, uid, epochMs, flags);
    this.#messages.push({ path, uidValidity, uid });
  }

  async #changeFlags(): Promise<void> {
    const { path, uids, places } = this.#pickMessages();
    const flags = FLAGS.filter(() => this.#random() < 0.4);
    for (const place of places) place.flags = undefined;
    const folder = await openFolder(this.#mailbox, path);
    valueOf(await folder.changeFlags(uids, { kind: 'replace', flags }));
    for (const place of places) place.flags = flags;
    folder.close();
  }

  async #copy(): Promise<void> {
    const { path, uids } = this.#pickMessages();
    const toPath = this.#pick(['INBOX', ...this.#folders]);
    const folder = await openFolder(this.#mailbox, path);
    const copied = valueOf(await folder.copy(uids, toPath));
    this.#noteCopies(folder.uidValidity, toPath, copied);
    folder.close();
  }

  async #move(): Promise<void> {
    const { path, uids, places } = this.#pickMessages();
    const toPath = this.#pick(['INBOX', ...this.#folders]);
    for (const place of places) place.isPresent = undefined;
    const folder = await openFolder(this.#mailbox, path);
    const moved = valueOf(await folder.move(uids, toPath));
    this.#noteCopies(folder.uidValidity, toPath, moved);
    for (const place of places) place.isPresent = false;
    this.#forget(folder.uidValidity, uids);
    folder.close();
  }

  async #expunge(): Promise<void> {
    const { path, uids, places } = this.#pickMessages();
    for (const place of places) {
      place.isPresent = undefined;
      place.flags = undefined;
    }
    const folder = await openFolder(this.#mailbox, path);
    valueOf(await folder.changeFlags(uids, { kind: 'add', flags: ['\\Deleted'] }));
    valueOf(await folder.expunge(uids));
    for (const place of places) place.isPresent = false;
    this.#forget(folder.uidValidity, uids);
    folder.close();
  }

  async #createFolder(): Promise<void> {
    this.#count += 1;
    const path = `Lane ${this.#lane}/Folder ${this.#count}`;
    valueOf(await this.#mailbox.createFolder(path, true));
    const { uidValidity } = valueOf(await this.#mailbox.statusOf(path));
    this.#ledger.folder(uidValidity).path = path;
    this.#folders.push(path);
  }

  async #renameFolder(): Promise<void> {
    const from = this.#folders.shift();
    if (from === undefined) return;
    this.#count += 1;
    const to = `Lane ${this.#lane}/Renamed ${this.#count}`;
    const { uidValidity } = valueOf(await this.#mailbox.statusOf(from));
    this.#ledger.folder(uidValidity).path = undefined;
    valueOf(await this.#mailbox.renameFolder(from, to));
    this.#ledger.folder(uidValidity).path = to;
    this.#folders.push(to);
    this.#messages = this.#messages.map((one) => (one.path === from ? { ...one, path: to } : one));
  }

  async #deleteFolder(): Promise<void> {
    const path = this.#folders.shift();
    if (path === undefined) return;
    const { uidValidity } = valueOf(await this.#mailbox.statusOf(path));
    const known = this.#ledger.folder(uidValidity);
    known.path = undefined;
    this.#messages = this.#messages.filter((one) => one.path !== path);
    valueOf(await this.#mailbox.deleteFolder(path));
    known.isDeleted = true;
  }

  /** Some of the messages in one folder. */
  #pickMessages(): { path: string; uids: Uid[]; places: ReturnType<MailLedger['place']>[] } {
    const { path, uidValidity } = this.#pick(this.#messages);
    const there = this.#messages.filter((one) => one.path === path);
    const some = there.filter(() => this.#random() < 0.5);
    const uids = asUids(...(some.length > 0 ? some : there).map(({ uid }) => uid));
    const places = uids.map((uid) => this.#ledger.place(uidValidity, uid));
    return { path, uids, places };
  }

  #noteCopies(fromValidity: UidValidity, toPath: string, copied: CopyResult): void {
    for (const [at, uid] of copied.newUids.entries()) {
      const source = this.#ledger.place(fromValidity, copied.sourceUids[at] ?? asUid(0));
      this.#ledger.acknowledge(copied.uidValidity, uid, source.epochMs, source.flags ?? []);
      this.#messages.push({ path: toPath, uidValidity: copied.uidValidity, uid });
    }
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
