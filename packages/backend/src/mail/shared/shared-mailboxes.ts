/**
 * What a session sees: its own mailbox, and below "Other Users" the folders of those at the same
 * site that give the account rights (RFC 2342 §5, RFC 4314). Each name leads to one mailbox; what
 * concerns two of them (COPY, MOVE) is done by reading there and appending here.
 *
 * A folder of one's own that is called "Other Users" comes first: nobody loses mail for a name.
 * None can be made there any more.
 */
import type { AccountId } from '@homeward/directory';
import type {
  AccessList,
  AppendPort,
  CopyResult,
  FolderPort,
  FolderStatus,
  FolderSummary,
  MailboxEvent,
  MailboxPort,
  Metadata,
  Outcome,
  QuotaRoot,
  ReplacedMessage,
  SpecialUse,
  Uid,
} from '@homeward/imap/session';
import type { Elsewhere } from '../imap-mailbox.ts';
import { copyMessages } from '../rights/copy-messages.ts';
import { mayTakeOut, refuseWithout } from '../rights/folder-rights.ts';
import { removeCopied } from '../rights/guarded-mailbox.ts';
import { HeldMailboxes } from './held-mailboxes.ts';
import { listOthersFolders } from './list-others.ts';
import type { OtherMailbox, OtherMailboxes } from './other-mailboxes.ts';
import { OtherFolder } from './other-folder.ts';
import {
  formatOtherPath,
  OTHER_USERS_PREFIX,
  type OtherPath,
  parseOtherPath,
} from './other-users-path.ts';

const NONEXISTENT = { ok: false, reason: 'nonexistent' } as const;
const NOT_PERMITTED = { ok: false, reason: 'not-permitted' } as const;

export interface SharedMailboxesParts {
  readonly accountId: AccountId;
  readonly others: OtherMailboxes;
  /** Makes the account's own mailbox, which leads to what is elsewhere. */
  readonly makeOwn: (elsewhere: Elsewhere) => MailboxPort;
  /** Whether there is a folder of one's own. */
  readonly hasOwn: (path: string) => Promise<boolean>;
}

export class SharedMailboxes implements MailboxPort, Elsewhere {
  readonly otherUsersPrefix: string = OTHER_USERS_PREFIX;
  readonly #parts: SharedMailboxesParts;
  readonly #own: MailboxPort;
  readonly #held = new HeldMailboxes();

  constructor(parts: SharedMailboxesParts) {
    this.#parts = parts;
    this.#own = parts.makeOwn(this);
  }

  /** Gap: of others' folders nobody hears before they are looked into. */
  subscribeMailbox(listener: (event: MailboxEvent) => void): () => void {
    return this.#own.subscribeMailbox(listener);
  }

  async listFolders(): Promise<readonly FolderSummary[]> {
    const { others, accountId } = this.#parts;
    const own = await this.#own.listFolders();
    const sharers = await others.sharers.listFor(accountId);
    if (sharers.length === 0) return own;
    const theirs = await listOthersFolders(sharers, others, accountId);
    if (theirs.length === 0) return own;
    const subscribed = new Set(await this.#own.listDeadSubscriptions());
    const taken = new Set(own.map(({ path }) => path));
    const shown = theirs.filter(({ path }) => !taken.has(path));
    return [...own, ...shown.map((one) => ({ ...one, isSubscribed: subscribed.has(one.path) }))];
  }

  /** Subscriptions are names: those of others' folders are kept with one's own. */
  async listDeadSubscriptions(): Promise<readonly string[]> {
    const dead = await this.#own.listDeadSubscriptions();
    if (!dead.some((path) => parseOtherPath(path) !== undefined)) return dead;
    const present = new Set((await this.listFolders()).map(({ path }) => path));
    return dead.filter((path) => !present.has(path));
  }

  setSubscribed(path: string, isSubscribed: boolean): Promise<Outcome<void>> {
    return this.#own.setSubscribed(path, isSubscribed);
  }

  statusOf(path: string): Promise<Outcome<FolderStatus>> {
    return this.#at(path, (mailbox, at) => mailbox.statusOf(at));
  }

  async openFolder(path: string, isReadOnly: boolean): Promise<Outcome<FolderPort>> {
    const other = await this.#findOther(path);
    if (other === undefined) return this.#own.openFolder(path, isReadOnly);
    const opened = await this.#open(other);
    if (!opened.ok) return opened;
    const owner = opened.value;
    const folder = await owner.mailbox.openFolder(other.rest, isReadOnly);
    if (folder.ok) {
      const { address } = other;
      return { ok: true, value: new OtherFolder(folder.value, { owner, address, router: this }) };
    }
    owner.close();
    return folder;
  }

  async createFolder(
    path: string,
    isSelectable: boolean,
    specialUse?: SpecialUse,
  ): Promise<Outcome<string>> {
    const other = parseOtherPath(path);
    if (other === undefined) return this.#own.createFolder(path, isSelectable, specialUse);
    // Neither a person nor the namespace is made by a client.
    if (other.rest === '') return NOT_PERMITTED;
    return this.#inOther(other, (mailbox, at) =>
      mailbox.createFolder(at, isSelectable, specialUse),
    );
  }

  setSpecialUse(path: string, specialUse: SpecialUse | undefined): Promise<Outcome<void>> {
    return this.#at(path, (mailbox, at) => mailbox.setSpecialUse(at, specialUse));
  }

  deleteFolder(path: string): Promise<Outcome<void>> {
    return this.#at(path, (mailbox, at) => mailbox.deleteFolder(at));
  }

  /** Within one mailbox: a folder keeps its messages' identities, which end at its border. */
  async renameFolder(from: string, to: string): Promise<Outcome<void>> {
    const source = await this.#findOther(from);
    const target = parseOtherPath(to);
    if (source === undefined) {
      return target === undefined ? this.#own.renameFolder(from, to) : NOT_PERMITTED;
    }
    if (target?.address !== source.address || target.rest === '') return NOT_PERMITTED;
    return this.#inOther(source, (mailbox, at) => mailbox.renameFolder(at, target.rest));
  }

  async startAppend(path: string, replaced?: ReplacedMessage): Promise<Outcome<AppendPort>> {
    const other = await this.#findOther(path);
    const from = replaced && OtherFolder.addressOf(replaced.folder);
    // RFC 8508 §3.3 wants both in one step, which two mailboxes have not.
    if (replaced !== undefined && from !== other?.address) return NOT_PERMITTED;
    if (other === undefined) return this.#own.startAppend(path, replaced);
    const opened = await this.#open(other);
    if (!opened.ok) return opened;
    const owner = opened.value;
    const started = await owner.mailbox.startAppend(other.rest, replaced && within(replaced));
    if (started.ok) return { ok: true, value: closingAtEnd(started.value, owner) };
    owner.close();
    return started;
  }

  /** Others' roots are called as their mailboxes are (RFC 9208 §3). */
  async quotaRootOf(path: string): Promise<Outcome<QuotaRoot>> {
    const other = await this.#findOther(path);
    if (other === undefined) return this.#own.quotaRootOf(path);
    const root = await this.#inOther(other, (mailbox, at) => mailbox.quotaRootOf(at));
    if (!root.ok) return root;
    return { ok: true, value: { ...root.value, name: formatOtherPath(other.address, '') } };
  }

  /** Of others only those are told who may read everything; a folder's root says the rest. */
  async findQuotaRoot(name: string): Promise<QuotaRoot | undefined> {
    const other = parseOtherPath(name);
    if (other === undefined) return this.#own.findQuotaRoot(name);
    if (other.rest !== '') return undefined;
    const found = await this.#inOther<QuotaRoot>({ ...other, rest: 'INBOX' }, (mailbox, at) =>
      mailbox.quotaRootOf(at),
    );
    return found.ok ? { ...found.value, name } : undefined;
  }

  get metadataValueBytes(): number {
    return this.#own.metadataValueBytes;
  }

  readMetadata(path: string | undefined): Promise<Outcome<Metadata>> {
    if (path === undefined) return this.#own.readMetadata(path);
    return this.#at(path, (mailbox, at) => mailbox.readMetadata(at));
  }

  setMetadata(
    path: string | undefined,
    values: ReadonlyMap<string, Uint8Array | undefined>,
  ): Promise<Outcome<void>> {
    if (path === undefined) return this.#own.setMetadata(path, values);
    return this.#at(path, (mailbox, at) => mailbox.setMetadata(at, values));
  }

  canonicalIdentifier(identifier: string): Promise<Outcome<string>> {
    return this.#own.canonicalIdentifier(identifier);
  }

  rightsOf(path: string): Promise<Outcome<string>> {
    return this.#at(path, (mailbox, at) => mailbox.rightsOf(at));
  }

  readAccessList(path: string): Promise<Outcome<AccessList>> {
    return this.#at(path, (mailbox, at) => mailbox.readAccessList(at));
  }

  setAccess(path: string, identifier: string, rights: string | undefined): Promise<Outcome<void>> {
    return this.#at(path, (mailbox, at) => mailbox.setAccess(at, identifier, rights));
  }

  has(path: string): boolean {
    return parseOtherPath(path) !== undefined;
  }

  /** The flags that its copy gets are the target's to say; `startAppend` knows who may set which. */
  copy(source: FolderPort, uids: readonly Uid[], toPath: string): Promise<Outcome<CopyResult>> {
    return copyMessages(source, uids, { mailbox: this, path: toPath, keepFlags: (flags) => flags });
  }

  async move(
    source: FolderPort,
    uids: readonly Uid[],
    toPath: string,
  ): Promise<Outcome<CopyResult>> {
    const rights = source.rights;
    if (rights !== undefined && !mayTakeOut(rights)) return refuseWithout(rights);
    const copied = await this.copy(source, uids, toPath);
    return copied.ok ? removeCopied(source, copied.value) : copied;
  }

  /** Does something in whichever mailbox has the folder. */
  async #at<Value>(
    path: string,
    run: (mailbox: MailboxPort, path: string) => Promise<Outcome<Value>>,
  ): Promise<Outcome<Value>> {
    const other = await this.#findOther(path);
    return other === undefined ? run(this.#own, path) : this.#inOther(other, run);
  }

  async #inOther<Value>(
    other: OtherPath,
    run: (mailbox: MailboxPort, path: string) => Promise<Outcome<Value>>,
  ): Promise<Outcome<Value>> {
    const opened = await this.#open(other);
    if (!opened.ok) return opened;
    try {
      return await run(opened.value.mailbox, other.rest);
    } finally {
      opened.value.close();
    }
  }

  /** @returns undefined for one's own folder, also where one has one of such a name. */
  async #findOther(path: string): Promise<OtherPath | undefined> {
    const other = parseOtherPath(path);
    return other === undefined || (await this.#parts.hasOwn(path)) ? undefined : other;
  }

  async #open({ address, rest }: OtherPath): Promise<Outcome<OtherMailbox>> {
    const { others, accountId } = this.#parts;
    if (rest === '') return NONEXISTENT;
    const sharer = await others.sharers.findByAddress(address, accountId);
    if (sharer === undefined) return NONEXISTENT;
    return this.#held.open(sharer.account.id, () => others.open(sharer, accountId));
  }
}

/** In the words of the mailbox whose message it is. */
function within({ folder, uid }: ReplacedMessage): ReplacedMessage {
  return { folder: OtherFolder.within(folder), uid };
}

function closingAtEnd(append: AppendPort, owner: OtherMailbox): AppendPort {
  return {
    startMessage: (message) => append.startMessage(message),
    write: (octets) => append.write(octets),
    endMessage: () => append.endMessage(),
    commit: async (replaced) => {
      try {
        return await append.commit(replaced && within(replaced));
      } finally {
        owner.close();
      }
    },
    abort: async () => {
      try {
        await append.abort();
      } finally {
        owner.close();
      }
    },
  };
}
