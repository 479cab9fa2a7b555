/**
 * Opens the mailboxes of others at this worker for one account, with the rights that it has there:
 * those of a delegate by the directory, and those of each folder's access list.
 */
import type { AccountId } from '@homeward/directory';
import type { Outcome } from '@homeward/imap/session';
import type * as Store from '@homeward/mailstore';
import { ImapMailbox } from '../imap-mailbox.ts';
import type { OpenedMailbox } from '../open-mailbox.ts';
import {
  ALL_RIGHTS,
  type FolderRights,
  READING_RIGHTS,
  unionOfRights,
} from '../rights/folder-rights.ts';
import { GuardedMailbox, type RightsSource } from '../rights/guarded-mailbox.ts';
import { AccessLists, rightsInList } from './access-lists.ts';
import type { Identities } from './identities.ts';
import type { ShareIndex } from './share-index.ts';
import type { Sharer, Sharers } from './sharers.ts';

/** Another's mailbox, open. Close it. */
export interface OtherMailbox {
  readonly ownerId: AccountId;
  readonly guarded: GuardedMailbox;
  /** Calls `listener` when somebody's rights may have changed. @returns How to end it. */
  onRightsChanged(listener: () => void): () => void;
  close(): void;
}

export interface OtherMailboxesParts {
  readonly sharers: Sharers;
  readonly identities: Identities;
  readonly index: ShareIndex;
  readonly onAppended: (byteCount: number) => void;
  /** Opens the mailbox of an account of this worker, as a login would. */
  readonly openMailbox: (owner: {
    readonly accountId: AccountId;
    readonly epoch: number;
    readonly quota: { readonly bytes: number | undefined; readonly messages: number | undefined };
  }) => Promise<OpenedMailbox>;
  /** Tells of changes of an account's record. @returns How to end it. */
  readonly onAccountChanged: (listener: (id: AccountId | 'any') => void) => () => void;
}

export class OtherMailboxes {
  readonly #parts: OtherMailboxesParts;

  constructor(parts: OtherMailboxesParts) {
    this.#parts = parts;
  }

  get sharers(): Sharers {
    return this.#parts.sharers;
  }

  /** @param grantee For whom. The record of `sharer` may be old; rights are looked up anew. */
  async open({ account }: Sharer, grantee: AccountId): Promise<Outcome<OtherMailbox>> {
    const { id, epoch, quotaBytes, quotaMessages } = account;
    const quota = { bytes: quotaBytes, messages: quotaMessages };
    const opened = await this.#parts.openMailbox({ accountId: id, epoch, quota });
    if (!opened.ok) return { ok: false, reason: 'unavailable' };
    const { mailbox } = opened;
    return { ok: true, value: this.#describe(id, mailbox, grantee) };
  }

  #describe(ownerId: AccountId, mailbox: Store.Mailbox, grantee: AccountId): OtherMailbox {
    const { sharers, identities, index, onAppended, onAccountChanged } = this.#parts;
    const accessLists = new AccessLists({ ownerId, mailbox, identities, index });
    const own = new ImapMailbox(mailbox, { onAppended, accessLists, elsewhere: undefined });
    const source = new RightsOfGrantee(ownerId, grantee, mailbox, sharers);
    return {
      ownerId,
      guarded: new GuardedMailbox(own, source),
      onRightsChanged(listener) {
        const endLists = mailbox.subscribeMailbox(({ kind }) => {
          if (kind === 'rights') listener();
        });
        const endAccounts = onAccountChanged((id) => {
          if (id === ownerId || id === 'any') listener();
        });
        return () => {
          endLists();
          endAccounts();
        };
      },
      close: () => mailbox.close(),
    };
  }
}

/** Looks at the directory's record and at the folder's list each time: both may change. */
class RightsOfGrantee implements RightsSource {
  readonly #ownerId: AccountId;
  readonly #grantee: AccountId;
  readonly #mailbox: Pick<Store.Mailbox, 'readAcl'>;
  readonly #sharers: Sharers;

  constructor(
    ownerId: AccountId,
    grantee: AccountId,
    mailbox: Pick<Store.Mailbox, 'readAcl'>,
    sharers: Sharers,
  ) {
    this.#ownerId = ownerId;
    this.#grantee = grantee;
    this.#mailbox = mailbox;
    this.#sharers = sharers;
  }

  async rightsOn(path: string): Promise<FolderRights | undefined> {
    const sharer = await this.#sharers.find(this.#ownerId, this.#grantee);
    const asDelegate = sharer === undefined ? '' : rightsOfAccess(sharer.access);
    if (path === '') return asDelegate;
    const list = await this.#mailbox.readAcl(path);
    if (!list.ok) return undefined;
    // An owner who is switched off shares nothing, whatever his lists say.
    if (sharer === undefined) return '';
    return unionOfRights(asDelegate, rightsInList(list.value, this.#grantee));
  }
}

function rightsOfAccess(access: Sharer['access']): FolderRights {
  if (access === undefined) return '';
  return access === 'full' ? ALL_RIGHTS : READING_RIGHTS;
}
