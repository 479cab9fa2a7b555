/**
 * The mail store as IMAP sessions want it: the thin adapter from `@homeward/mailstore` to the
 * session's ports. Both sides keep their own words; where they differ it is decided here.
 */
import type {
  AccessList,
  AppendPort,
  CopyResult,
  FactName,
  FlagChange,
  FolderIndex,
  FolderPort,
  FolderStatus,
  FolderSummary,
  MailboxEvent,
  MailboxPort,
  MessageContent,
  MessageFacts,
  Metadata,
  ModSeq,
  Outcome,
  QuotaRoot,
  Refusal,
  ReplacedMessage,
  SpecialUse,
  TextQuery,
  Uid,
  UidValidity,
} from '@homeward/imap/session';
import type * as Store from '@homeward/mailstore';
import { DEFAULT_STORE_LIMITS } from '@homeward/mailstore';
import { decodeSortFacts } from '@homeward/search';
import { decodeShape } from '@homeward/mime';
import { ImapAppend } from './imap-append.ts';
import { type AccessLists, OWNER_RIGHTS } from './shared/access-lists.ts';

/** Where folders are that are none of this mailbox, though a session names them beside its own. */
export interface Elsewhere {
  has(path: string): boolean;
  copy(source: FolderPort, uids: readonly Uid[], toPath: string): Promise<Outcome<CopyResult>>;
  move(source: FolderPort, uids: readonly Uid[], toPath: string): Promise<Outcome<CopyResult>>;
}

/** What a session's mailbox has beside the store. */
export interface ImapMailboxParts {
  /** Hears of each message that is stored by APPEND; must not throw. */
  readonly onAppended: (byteCount: number) => void;
  readonly accessLists: AccessLists;
  /** Stands before the sink of a message that comes in; undefined: nothing does. */
  readonly watchAppend?:
    | ((sink: Store.MessageSink, mailbox: Store.Mailbox, path: string) => Store.MessageSink)
    | undefined;
  /** Undefined: nothing is elsewhere. */
  readonly elsewhere: Elsewhere | undefined;
}

/** Supplies an IMAP session from an open mailbox. Closing the mailbox is the caller's task. */
export class ImapMailbox implements MailboxPort {
  readonly #mailbox: Store.Mailbox;
  readonly #parts: ImapMailboxParts;

  constructor(mailbox: Store.Mailbox, parts: ImapMailboxParts) {
    this.#mailbox = mailbox;
    this.#parts = parts;
  }

  subscribeMailbox(listener: (event: MailboxEvent) => void): () => void {
    return this.#mailbox.subscribeMailbox(listener);
  }

  listFolders(): Promise<readonly FolderSummary[]> {
    return this.#mailbox.listFolders();
  }

  listDeadSubscriptions(): Promise<readonly string[]> {
    return this.#mailbox.listDeadSubscriptions();
  }

  async statusOf(path: string): Promise<Outcome<FolderStatus>> {
    const outcome = await this.#mailbox.statusOf(path);
    return adapt(outcome, (status) => ({
      ...status,
      uidNext: uid(status.uidNext),
      uidValidity: uidValidity(status.uidValidity),
      highestModSeq: modSeq(status.highestModSeq),
    }));
  }

  async openFolder(path: string, isReadOnly: boolean): Promise<Outcome<FolderPort>> {
    const outcome = await this.#mailbox.openFolder(path, isReadOnly);
    return adapt(outcome, (folder) => new ImapFolder(folder, this.#parts.elsewhere));
  }

  async createFolder(
    path: string,
    isSelectable: boolean,
    specialUse?: SpecialUse,
  ): Promise<Outcome<string>> {
    return adapt(await this.#mailbox.createFolder(path, isSelectable, specialUse), same);
  }

  async setSpecialUse(path: string, specialUse: SpecialUse | undefined): Promise<Outcome<void>> {
    return adapt(await this.#mailbox.setSpecialUse(path, specialUse), same);
  }

  async deleteFolder(path: string): Promise<Outcome<void>> {
    return adapt(await this.#mailbox.deleteFolder(path), same);
  }

  async renameFolder(from: string, to: string): Promise<Outcome<void>> {
    return adapt(await this.#mailbox.renameFolder(from, to), same);
  }

  async setSubscribed(path: string, isSubscribed: boolean): Promise<Outcome<void>> {
    return adapt(await this.#mailbox.setSubscribed(path, isSubscribed), same);
  }

  async startAppend(path: string, replaced?: ReplacedMessage): Promise<Outcome<AppendPort>> {
    const { onAppended, watchAppend } = this.#parts;
    const { storeFolderOf } = ImapFolder;
    const folder = replaced && storeFolderOf(replaced.folder);
    const replacing = replaced && folder && { folder, uid: storeUid(replaced.uid) };
    return adapt(await this.#mailbox.startAppend(path, replacing), (sink) => {
      const watched = watchAppend?.(sink, this.#mailbox, path) ?? sink;
      return new ImapAppend(watched, { onAppended, storeFolderOf });
    });
  }

  async quotaRootOf(_path: string): Promise<Outcome<QuotaRoot>> {
    return { ok: true, value: this.#quotaRoot() };
  }

  async findQuotaRoot(name: string): Promise<QuotaRoot | undefined> {
    return name === '' ? this.#quotaRoot() : undefined;
  }

  #quotaRoot(): QuotaRoot {
    return { name: '', ...this.#mailbox.readQuota() };
  }

  get metadataValueBytes(): number {
    return DEFAULT_STORE_LIMITS.metadataValueBytes;
  }

  async readMetadata(path: string | undefined): Promise<Outcome<Metadata>> {
    return adapt(await this.#mailbox.readMetadata(path), same);
  }

  async setMetadata(
    path: string | undefined,
    values: ReadonlyMap<string, Uint8Array | undefined>,
  ): Promise<Outcome<void>> {
    return adapt(await this.#mailbox.setMetadata(path, values), same);
  }

  readonly otherUsersPrefix: undefined = undefined;

  canonicalIdentifier(identifier: string): Promise<Outcome<string>> {
    return this.#parts.accessLists.canonicalIdentifier(identifier);
  }

  /** Whoever has the mailbox as his own may do everything in it. */
  async rightsOf(path: string): Promise<Outcome<string>> {
    const exists = await this.#parts.accessLists.has(path);
    return exists ? { ok: true, value: OWNER_RIGHTS } : { ok: false, reason: 'nonexistent' };
  }

  readAccessList(path: string): Promise<Outcome<AccessList>> {
    return this.#parts.accessLists.read(path);
  }

  setAccess(path: string, identifier: string, rights: string | undefined): Promise<Outcome<void>> {
    return this.#parts.accessLists.set(path, identifier, rights);
  }
}

class ImapFolder implements FolderPort {
  readonly #folder: Store.Folder;
  readonly #elsewhere: Elsewhere | undefined;

  constructor(folder: Store.Folder, elsewhere: Elsewhere | undefined) {
    this.#folder = folder;
    this.#elsewhere = elsewhere;
  }

  /** @returns undefined if it is none of this store. */
  static storeFolderOf(this: void, folder: FolderPort): Store.Folder | undefined {
    return folder instanceof ImapFolder ? folder.#folder : undefined;
  }

  get path(): string {
    return this.#folder.path;
  }

  get isReadOnly(): boolean {
    return this.#folder.isReadOnly;
  }

  get uidValidity(): UidValidity {
    return uidValidity(this.#folder.uidValidity);
  }

  get mailboxId(): string {
    return this.#folder.mailboxId;
  }

  get index(): FolderIndex {
    // The same shape; only the brands of its numbers are named after their package.
    return this.#folder.index as unknown as FolderIndex;
  }

  get firstRecentUid(): Uid {
    return uid(this.#folder.firstRecentUid);
  }

  get isGone(): boolean {
    return this.#folder.isGone;
  }

  subscribe(listener: () => void): () => void {
    return this.#folder.subscribe(listener);
  }

  async expungedSince(since: ModSeq): Promise<readonly Uid[] | undefined> {
    const expunged = await this.#folder.expungedSince(storeModSeq(since));
    return expunged && uids(expunged);
  }

  hasFlagChangesSince(since: ModSeq): boolean {
    return this.#folder.hasFlagChangesSince(storeModSeq(since));
  }

  async readFacts(
    wanted: readonly Uid[],
    names: ReadonlySet<FactName>,
  ): Promise<readonly MessageFacts[]> {
    const facts = await this.#folder.readFacts(storeUids(wanted), names);
    return facts.map((fact) => ({
      ...fact,
      uid: uid(fact.uid),
      shape: fact.shape === undefined ? undefined : decodeShape(fact.shape),
      preview: fact.preview === undefined ? undefined : Buffer.from(fact.preview).toString(),
      sortFacts: fact.sortFacts === undefined ? undefined : decodeSortFacts(fact.sortFacts),
    }));
  }

  openMessage(wanted: Uid): Promise<MessageContent | undefined> {
    return this.#folder.openMessage(storeUid(wanted));
  }

  async findTextCandidates(
    queries: readonly TextQuery[],
  ): Promise<readonly (ReadonlySet<Uid> | undefined)[]> {
    const found = await this.#folder.findTextCandidates(queries);
    return found as readonly (ReadonlySet<number> | undefined)[] as (Set<Uid> | undefined)[];
  }

  async changeFlags(
    wanted: readonly Uid[],
    change: FlagChange,
    unchangedSince?: ModSeq,
  ): Promise<Outcome<{ missing: Uid[]; modified: Uid[] }>> {
    const since = unchangedSince && storeModSeq(unchangedSince);
    const outcome = await this.#folder.changeFlags(storeUids(wanted), change, since);
    return adapt(outcome, ({ missing, modified }) => ({
      missing: [...uids(missing)],
      modified: [...uids(modified)],
    }));
  }

  async expunge(wanted: readonly Uid[] | undefined): Promise<Outcome<readonly Uid[]>> {
    const outcome = await this.#folder.expunge(wanted && storeUids(wanted));
    return adapt(outcome, uids);
  }

  async copy(wanted: readonly Uid[], toPath: string): Promise<Outcome<CopyResult>> {
    if (this.#elsewhere?.has(toPath) === true) return this.#elsewhere.copy(this, wanted, toPath);
    return adapt(await this.#folder.copy(storeUids(wanted), toPath), copyResult);
  }

  async move(wanted: readonly Uid[], toPath: string): Promise<Outcome<CopyResult>> {
    if (this.#elsewhere?.has(toPath) === true) return this.#elsewhere.move(this, wanted, toPath);
    return adapt(await this.#folder.move(storeUids(wanted), toPath), copyResult);
  }

  close(): void {
    this.#folder.close();
  }
}

function adapt<From, To>(outcome: Store.Outcome<From>, convert: (value: From) => To): Outcome<To> {
  return outcome.ok
    ? { ok: true, value: convert(outcome.value) }
    : { ok: false, reason: refusal(outcome.reason) };
}

/** IMAP has no maildrop lock; everything else is common to both sides. */
function refusal(reason: Store.Refusal): Refusal {
  return reason === 'in-use' ? 'unavailable' : reason;
}

function copyResult(result: Store.CopyResult): CopyResult {
  return {
    uidValidity: uidValidity(result.uidValidity),
    sourceUids: uids(result.sourceUids),
    newUids: uids(result.newUids),
  };
}

const same = <Value>(value: Value): Value => value;
const uid = (value: Store.Uid): Uid => value as number as Uid;
const uids = (values: readonly Store.Uid[]): readonly Uid[] => values as readonly number[] as Uid[];
const modSeq = (value: Store.ModSeq): ModSeq => value as number as ModSeq;
const uidValidity = (value: Store.UidValidity): UidValidity => value as number as UidValidity;
const storeUid = (value: Uid): Store.Uid => value as number as Store.Uid;
const storeUids = (values: readonly Uid[]): readonly Store.Uid[] =>
  values as readonly number[] as Store.Uid[];
const storeModSeq = (value: ModSeq): Store.ModSeq => value as number as Store.ModSeq;
