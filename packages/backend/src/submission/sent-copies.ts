/**
 * Copies of what was sent, in the folder that is there for them (RFC 6154 \Sent), without doubles.
 * Mail programs put a copy there by themselves, by APPEND, before or after they send: if theirs
 * came first none is made; if it comes later it takes the place of ours, in the same transaction,
 * since it has the Bcc line that ours has not.
 *
 * Which copies are whose is known for an hour, in this worker's memory: an account's sessions all
 * come here. After a restart in between there may be two.
 */
import type { Mailbox } from '@homeward/mailstore';
import type { SpooledMessage } from '@homeward/mail-queue';
import { deliverInto } from '../delivery/deliver-into.ts';

const KEPT_MS = 3_600_000;
const KEPT_COUNT = 50_000;

/** A copy that was made here. */
export interface OwnCopy {
  readonly path: string;
  readonly uid: number;
  readonly uidValidity: number;
}

/** What is known of a message in the folder of sent ones. */
interface Known {
  readonly atMs: number;
  /** Undefined: it is the client's own. */
  readonly copy: OwnCopy | undefined;
}

/** One worker's. */
export class SentCopies {
  readonly #elapsedMs: () => number;
  readonly #known = new Map<string, Known>();
  /** Accounts that had copies, lately. */
  readonly #accounts = new Set<string>();

  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs;
  }

  /**
   * Puts a copy into the folder, unless there is one, or the mailbox has no such folder.
   *
   * @param messageId As in the header, trimmed.
   * @returns Whether all is well: a mailbox that is full has no copy, but the message was sent.
   */
  async save(mailbox: Mailbox, messageId: string, message: SpooledMessage): Promise<boolean> {
    const key = keyOf(mailbox.accountId, messageId);
    this.#remember(mailbox.accountId);
    if (this.#find(key) !== undefined) return true;
    const path = await findSentFolder(mailbox);
    if (path === undefined) return true;
    const copy = { trace: '', message, flags: ['\\Seen'] };
    const stored = await deliverInto(mailbox, path, copy);
    if (stored.ok) this.#note(key, { path, ...stored.value });
    return stored.ok;
  }

  /** Whether copies were made for the account since the worker started. */
  hasHad(accountId: string): boolean {
    return this.#accounts.has(accountId);
  }

  /** @returns Our copy of a message in that folder. */
  find(accountId: string, messageId: string, path: string): OwnCopy | undefined {
    const copy = this.#find(keyOf(accountId, messageId))?.copy;
    return copy?.path === path ? copy : undefined;
  }

  /** The client has put a message into a folder itself; only the one for sent mail counts. */
  async noteOwn(mailbox: Mailbox, messageId: string, path: string): Promise<void> {
    if ((await findSentFolder(mailbox)) !== path) return;
    this.#note(keyOf(mailbox.accountId, messageId), undefined);
  }

  #remember(accountId: string): void {
    if (this.#accounts.size >= KEPT_COUNT) this.#accounts.clear();
    this.#accounts.add(accountId);
  }

  #find(key: string): Known | undefined {
    const known = this.#known.get(key);
    return known === undefined || this.#elapsedMs() - known.atMs > KEPT_MS ? undefined : known;
  }

  #note(key: string, copy: OwnCopy | undefined): void {
    this.#known.delete(key);
    this.#known.set(key, { atMs: this.#elapsedMs(), copy });
    const [oldest] = this.#known.keys();
    if (this.#known.size > KEPT_COUNT && oldest !== undefined) this.#known.delete(oldest);
  }
}

async function findSentFolder(mailbox: Mailbox): Promise<string | undefined> {
  const folders = await mailbox.listFolders();
  return folders.find(({ specialUse }) => specialUse === '\\Sent')?.path;
}

function keyOf(accountId: string, messageId: string): string {
  return `${accountId} ${messageId}`;
}
