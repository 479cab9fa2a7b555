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
import type { MailboxPort } from '@homeward/imap/session';
import type { Mailbox } from '@homeward/mailstore';
import type { Login } from '../login/login.ts';
import { type Elsewhere, ImapMailbox } from './imap-mailbox.ts';
import type { OpenedMailbox } from './open-mailbox.ts';
import { READING_RIGHTS } from './rights/folder-rights.ts';
import { GuardedMailbox, sameRightsEverywhere } from './rights/guarded-mailbox.ts';
import { AccessLists } from './shared/access-lists.ts';
import { createIdentities, type Identities } from './shared/identities.ts';
import { OtherMailboxes } from './shared/other-mailboxes.ts';
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
  readonly elapsedMs: () => number;
  readonly onAppended: (byteCount: number) => void;
  /** The site's index of shares could not be read or mended; nobody is kept from his mail. */
  readonly onFault: (error: unknown) => void;
}

type Holder = Pick<Login, 'accountId' | 'delegateId' | 'access' | 'isOperator'>;

export class SessionMailboxes {
  readonly #parts: SessionMailboxesParts;
  readonly #index: ShareIndex;
  readonly #identities: Identities;
  readonly #others: OtherMailboxes;
  readonly #mended = new Set<AccountId>();

  constructor(parts: SessionMailboxesParts) {
    const { driver, view, site, onAppended, openMailbox } = parts;
    this.#parts = parts;
    this.#index = new ShareIndex(parts);
    this.#identities = createIdentities(view, site);
    this.#others = new OtherMailboxes({
      sharers: new Sharers({
        view,
        index: this.#index,
        site,
        protocol: 'imap',
        isReachable: (owner) => this.#isOwnedHere(owner),
      }),
      identities: this.#identities,
      index: this.#index,
      onAppended,
      openMailbox,
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
    const { onAppended } = this.#parts;
    const accessLists = new AccessLists({
      ownerId: accountId,
      mailbox,
      identities: this.#identities,
      index: this.#index,
    });
    const makeOwn = (elsewhere: Elsewhere | undefined): MailboxPort =>
      new ImapMailbox(mailbox, { onAppended, accessLists, elsewhere });
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

  #mendOnce(accountId: AccountId, accessLists: AccessLists): void {
    if (this.#mended.has(accountId)) return;
    if (this.#mended.size >= MENDED_COUNT) this.#mended.clear();
    this.#mended.add(accountId);
    accessLists.mendIndex().catch(this.#parts.onFault);
  }

  #isOwnedHere(owner: AccountId): boolean {
    const table = this.#parts.findOwnSite()?.shardTable;
    return table === undefined || table.workerOfShard[shardOf(owner)] === this.#parts.workerIndex;
  }
}
