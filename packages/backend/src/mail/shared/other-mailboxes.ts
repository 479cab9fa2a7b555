/**
 * Opens the mailboxes of others for one account, with the rights that it has there: those of a
 * delegate by the directory, and those of each folder's access list. What another worker owns is
 * opened there.
 */
import type { AccountId } from '@homeward/directory';
import type { MailboxPort, Outcome } from '@homeward/imap/session';
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

/** Another's mailbox, open for one account and with its rights. Close it. */
export interface OtherMailbox {
  readonly mailbox: MailboxPort;
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
  /** Opens what another worker owns; undefined for what is owned here. */
  readonly openElsewhere: (
    owner: AccountId,
    grantee: AccountId,
  ) => Promise<Outcome<OtherMailbox>> | undefined;
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
  async open(sharer: Sharer, grantee: AccountId): Promise<Outcome<OtherMailbox>> {
    const elsewhere = this.#parts.openElsewhere(sharer.account.id, grantee);
    return elsewhere ?? this.openHere(sharer, grantee);
  }

  /** The same for a mailbox of this worker. */
  async openHere({ account }: Sharer, grantee: AccountId): Promise<Outcome<OtherMailbox>> {
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
    const source = new RightsOfGrantee({ ownerId, grantee, mailbox, sharers, onAccountChanged });
    return { mailbox: new GuardedMailbox(own, source), close: () => mailbox.close() };
  }
}

interface RightsParts {
  readonly ownerId: AccountId;
  readonly grantee: AccountId;
  readonly mailbox: Pick<Store.Mailbox, 'readAcl' | 'subscribeMailbox'>;
  readonly sharers: Sharers;
  readonly onAccountChanged: OtherMailboxesParts['onAccountChanged'];
}

/** Looks at the directory's record and at the folder's list each time: both may change. */
class RightsOfGrantee implements RightsSource {
  readonly #parts: RightsParts;

  constructor(parts: RightsParts) {
    this.#parts = parts;
  }

  async rightsOn(path: string): Promise<FolderRights | undefined> {
    const { sharers, ownerId, grantee, mailbox } = this.#parts;
    const sharer = await sharers.find(ownerId, grantee);
    const asDelegate = sharer === undefined ? '' : rightsOfAccess(sharer.access);
    if (path === '') return asDelegate;
    const list = await mailbox.readAcl(path);
    if (!list.ok) return undefined;
    // An owner who is switched off shares nothing, whatever his lists say.
    if (sharer === undefined) return '';
    return unionOfRights(asDelegate, rightsInList(list.value, grantee));
  }

  onRightsChanged(listener: () => void): () => void {
    const { mailbox, ownerId, onAccountChanged } = this.#parts;
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
  }
}

function rightsOfAccess(access: Sharer['access']): FolderRights {
  if (access === undefined) return '';
  return access === 'full' ? ALL_RIGHTS : READING_RIGHTS;
}
