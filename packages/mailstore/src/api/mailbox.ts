/** One account's mail, open. */
import type { Folder, FolderStatus, FolderSummary, SpecialUse } from './folder.ts';
import type { Maildrop } from './maildrop.ts';
import type { MessageSink, ReplacedMessage } from './message-sink.ts';
import type { Outcome } from './outcome.ts';
import type { MailboxUsage, QuotaLimits, QuotaRecord } from './quota.ts';

/** What happened in a mailbox, whoever did it. `path` is the folder's when it was published. */
export type MailboxEvent =
  | {
      /**
       * `messages`: some came, went or have other flags. `metadata`: annotations or the special
       * use changed. `rights`: what others may do with the folder changed.
       */
      readonly kind:
        | 'messages'
        | 'created'
        | 'deleted'
        | 'subscribed'
        | 'unsubscribed'
        | 'metadata'
        | 'rights';
      readonly path: string;
    }
  | { readonly kind: 'renamed'; readonly path: string; readonly oldPath: string }
  /** Annotations of the mailbox as a whole. */
  | { readonly kind: 'metadata'; readonly path: undefined };

/** One account's mail, open. Each opener closes its own. */
export interface Mailbox {
  readonly accountId: string;
  readonly epoch: number;
  readonly usage: MailboxUsage;
  /** True after a failed sync or the like: every call is refused; close it and open anew. */
  readonly isBroken: boolean;
  /** Calls `listener` once when the mailbox breaks. @returns How to end it. */
  onBroken(listener: () => void): () => void;

  /** All folders and their parents, in no particular order, INBOX always among them. */
  listFolders(): Promise<readonly FolderSummary[]>;
  /** Paths that are subscribed though no folder has them. */
  listDeadSubscriptions(): Promise<readonly string[]>;
  statusOf(path: string): Promise<Outcome<FolderStatus>>;
  /** Opening for writing takes what is recent. */
  openFolder(path: string, isReadOnly: boolean): Promise<Outcome<Folder>>;
  /**
   * Creates missing parents, too (selectable); new folders have the rights of those above.
   *
   * @param specialUse `not-permitted` if it is not stored here (\All, \Flagged), another folder
   *   has it, or the folder cannot have one; nothing is made then (RFC 6154 §3).
   * @returns the folder's object id.
   */
  createFolder(
    path: string,
    isSelectable: boolean,
    specialUse?: SpecialUse,
  ): Promise<Outcome<string>>;
  /** Refused as in `createFolder`; undefined takes the use away. */
  setSpecialUse(path: string, specialUse: SpecialUse | undefined): Promise<Outcome<void>>;
  /** A folder with children stays as a mere parent (RFC 3501 §6.3.4). */
  deleteFolder(path: string): Promise<Outcome<void>>;
  /** Takes the folders below along; INBOX moves its messages (RFC 3501 §6.3.5). */
  renameFolder(from: string, to: string): Promise<Outcome<void>>;
  setSubscribed(path: string, isSubscribed: boolean): Promise<Outcome<void>>;
  /**
   * @param replacing What `commit` will be given: only what is added beyond it counts for the
   *   quota (RFC 8508 §3.4), and refusals are early.
   */
  startAppend(path: string, replacing?: ReplacedMessage): Promise<Outcome<MessageSink>>;
  readQuota(): QuotaRecord;
  /**
   * This mailbox's own limits, where they are not the store's: for all its users, until it is
   * set again or the last one closes it. What is there already stays. Undefined: the store's.
   */
  setQuota(quota: QuotaLimits | undefined): void;

  /**
   * Annotations (RFC 5464) by name in lower case; a folder's special use is among them as
   * "/private/specialuse".
   *
   * @param path Undefined: of the mailbox as a whole.
   */
  readMetadata(path: string | undefined): Promise<Outcome<ReadonlyMap<string, Uint8Array>>>;
  /**
   * Sets all or none; an undefined value removes. Refused with `too-big` or `too-many` for what
   * a value and a folder may hold, with `over-quota` for the whole mailbox.
   */
  setMetadata(
    path: string | undefined,
    entries: ReadonlyMap<string, Uint8Array | undefined>,
  ): Promise<Outcome<void>>;

  /** Rights by identifier (RFC 4314), as published; what they mean is the caller's affair. */
  readAcl(path: string): Promise<Outcome<ReadonlyMap<string, string>>>;
  /** @param rights Letters and digits; undefined removes the entry. */
  setAcl(path: string, identifier: string, rights: string | undefined): Promise<Outcome<void>>;

  /**
   * Calls `listener` for each event after its publication, in order; never synchronously within
   * a call. @returns How to end it; `close` ends it, too.
   */
  subscribeMailbox(listener: (event: MailboxEvent) => void): () => void;
  /** Refused with `in-use` while another maildrop of this mailbox is open. */
  openMaildrop(): Promise<Outcome<Maildrop>>;
  close(): void;
}
