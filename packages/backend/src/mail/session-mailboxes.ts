/**
 * Which mail a session sees. Who logs in as himself has his own mailbox and what others share
 * with him; a delegate has the mailbox that he opened, whole or for reading, and nothing beside
 * it; an operator's command has the account's own mail alone.
 */
import {
  type AccountId,
  type DirectoryDriver,
  type DirectoryView,
  shardOf,
  type SiteName,
  type SiteRecord,
} from '@homeward/directory';
import type { MailboxPort, Outcome } from '@homeward/imap/session';
import type { Mailbox } from '@homeward/mailstore';
import type { Login } from '../login/login.ts';
import { type Elsewhere, ImapMailbox, type ImapMailboxParts } from './imap-mailbox.ts';
import type { OpenedMailbox } from './open-mailbox.ts';
import { READING_RIGHTS } from './rights/folder-rights.ts';
import { GuardedMailbox, sameRightsEverywhere } from './rights/guarded-mailbox.ts';
import { AccessLists } from './shared/access-lists.ts';
import { createIdentities, type Identities } from './shared/identities.ts';
import { type OtherMailbox, OtherMailboxes } from './shared/other-mailboxes.ts';
import { ShareIndex } from './shared/share-index.ts';
import { SharedMailboxes } from './shared/shared-mailboxes.ts';
import { Sharers } from './shared/sharers.ts';

/** Owners whose entries in the site's index were looked at; the rest is looked at again. */
const MENDED_COUNT = 100_000;

export interface SessionMailboxesParts {
  readonly site: SiteName;
  readonly workerIndex: number;
  readonly volumeFolder: string;
  readonly driver: Pick<DirectoryDriver, 'subscribe'>;
  readonly view: DirectoryView;
  readonly findOwnSite: () => SiteRecord | undefined;
  readonly openMailbox: (
    login: Pick<Login, 'accountId' | 'epoch' | 'quota'>,
  ) => Promise<OpenedMailbox>;
  /** Opens mailboxes of the site's other workers; undefined where there is none. */
  readonly openAtPeer:
    | ((
        workerIndex: number,
        request: { readonly owner: AccountId; readonly grantee: AccountId },
      ) => Promise<Outcome<OtherMailbox>>)
    | undefined;
  readonly elapsedMs: () => number;
  readonly onAppended: (byteCount: number) => void;
  readonly watchAppend: ImapMailboxParts['watchAppend'];
  /** The site's index of shares could not be read or mended; nobody is kept from his mail. */
  readonly onFault: (error: unknown) => void;
}

type Holder = Pick<Login, 'accountId' | 'delegateId' | 'access' | 'isOperator'>;

export class SessionMailboxes {
  readonly #parts: SessionMailboxesParts;
  readonly #index: ShareIndex;
  readonly #identities: Identities;
  readonly #sharers: Sharers;
  readonly #others: OtherMailboxes;
  readonly #mended = new Set<AccountId>();

  constructor(parts: SessionMailboxesParts) {
    const { driver, view, site, onAppended, openMailbox } = parts;
    this.#parts = parts;
    this.#index = new ShareIndex(parts);
    this.#identities = createIdentities(view, site);
    this.#sharers = new Sharers({
      view,
      index: this.#index,
      site,
      protocol: 'imap',
      isReachable: (owner) => parts.openAtPeer !== undefined || this.#isOwnedHere(owner),
    });
    this.#others = new OtherMailboxes({
      sharers: this.#sharers,
      identities: this.#identities,
      index: this.#index,
      onAppended,
      openMailbox,
      openElsewhere: (owner, grantee) => this.#openAtPeer(owner, grantee),
      onAccountChanged: (listener) =>
        driver.subscribe((change) => {
          if (change.area === 'account') listener(change.id);
          else if (change.area === 'everything') listener('any');
        }),
    });
  }

  /** @param mailbox Of `login.accountId`; the caller closes it after the session. */
  createFor(login: Holder, mailbox: Mailbox): MailboxPort {
    const { accountId } = login;
    const { onAppended, watchAppend } = this.#parts;
    const accessLists = new AccessLists({
      ownerId: accountId,
      mailbox,
      identities: this.#identities,
      index: this.#index,
    });
    const makeOwn = (elsewhere: Elsewhere | undefined): MailboxPort =>
      new ImapMailbox(mailbox, { onAppended, accessLists, elsewhere, watchAppend });
    if (login.access === 'read') {
      return new GuardedMailbox(makeOwn(undefined), sameRightsEverywhere(READING_RIGHTS));
    }
    this.#mendOnce(accountId, accessLists);
    if (login.delegateId !== undefined || login.isOperator) return makeOwn(undefined);
    return new SharedMailboxes({
      accountId,
      others: this.#others,
      makeOwn,
      hasOwn: (path) => accessLists.has(path),
    });
  }

  /** A mailbox of this worker, for an account that another worker serves. */
  async openForPeer(owner: AccountId, grantee: AccountId): Promise<Outcome<OtherMailbox>> {
    const sharer = this.#isOwnedHere(owner) ? await this.#sharers.find(owner, grantee) : undefined;
    if (sharer === undefined) return { ok: false, reason: 'nonexistent' };
    return this.#others.openHere(sharer, grantee);
  }

  #openAtPeer(owner: AccountId, grantee: AccountId): Promise<Outcome<OtherMailbox>> | undefined {
    const workerIndex = this.#ownerOf(owner);
    const { openAtPeer } = this.#parts;
    if (workerIndex === undefined || workerIndex === this.#parts.workerIndex) return undefined;
    return openAtPeer?.(workerIndex, { owner, grantee });
  }

  #mendOnce(accountId: AccountId, accessLists: AccessLists): void {
    if (this.#mended.has(accountId)) return;
    if (this.#mended.size >= MENDED_COUNT) this.#mended.clear();
    this.#mended.add(accountId);
    accessLists.mendIndex().catch(this.#parts.onFault);
  }

  #isOwnedHere(owner: AccountId): boolean {
    const workerIndex = this.#ownerOf(owner);
    return workerIndex === undefined || workerIndex === this.#parts.workerIndex;
  }

  /** Undefined as long as the table is not known: then the mailbox's own lock decides. */
  #ownerOf(owner: AccountId): number | undefined {
    return this.#parts.findOwnSite()?.shardTable.workerOfShard[shardOf(owner)];
  }
}
