/**
 * From a login to the account's open mailbox: the epoch rules of ownership. The mailbox itself
 * knows its epoch; the directory has a copy. Equal: serve. Lower: refuse, somebody works with
 * an old record. Higher, or no mailbox yet: believe only what the directory says now.
 */
import type { SiteName } from '@homeward/directory';
import type { MailStore, Mailbox, OpenRefusal, QuotaLimits } from '@homeward/mailstore';
import type { Login, LoginRefusalReason, MailboxQuota } from '../login/login.ts';
import type { WorkerDirectory } from '../login/ports.ts';

export type OpenedMailbox =
  | { readonly ok: true; readonly mailbox: Mailbox }
  | {
      readonly ok: false;
      readonly reason: LoginRefusalReason;
      /** For the log. */
      readonly detail?: string;
    };

export interface OpenMailboxParts {
  readonly store: MailStore;
  readonly directory: Pick<WorkerDirectory, 'readAccount'>;
  readonly site: SiteName;
}

/** Opens, makes or adopts the mailbox, and sets its quota; the caller closes it. */
export async function openMailboxFor(
  login: Pick<Login, 'accountId' | 'epoch' | 'quota'>,
  parts: OpenMailboxParts,
): Promise<OpenedMailbox> {
  const opened = await openOrMake(login, parts);
  if (opened.ok && login.quota !== undefined) opened.mailbox.setQuota(storeQuota(login.quota));
  return opened;
}

/** In the store's words. */
export function storeQuota({ bytes, messages }: MailboxQuota): QuotaLimits {
  return { storageBytes: bytes, messages };
}

async function openOrMake(
  login: Pick<Login, 'accountId' | 'epoch'>,
  parts: OpenMailboxParts,
): Promise<OpenedMailbox> {
  const { store } = parts;
  const { accountId, epoch } = login;
  const first = await store.openMailbox(accountId, { epoch, create: false });
  if (first.ok) return { ok: true, mailbox: first.value };
  if (first.reason !== 'nonexistent' && first.reason !== 'epoch-ahead') {
    return { ok: false, reason: refusals[first.reason] };
  }
  const doubt = await confirmEpoch(login, parts);
  if (doubt !== undefined) return { ok: false, reason: doubt };
  if (first.reason === 'epoch-ahead') {
    const adopted = await store.adoptEpoch(accountId, epoch);
    if (!adopted.ok) return { ok: false, reason: refusals[adopted.reason] };
  }
  const second = await store.openMailbox(accountId, { epoch, create: true });
  return second.ok
    ? { ok: true, mailbox: second.value }
    : { ok: false, reason: refusals[second.reason] };
}

async function confirmEpoch(
  { accountId, epoch }: Pick<Login, 'accountId' | 'epoch'>,
  { directory, site }: OpenMailboxParts,
): Promise<LoginRefusalReason | undefined> {
  const account = await directory.readAccount(accountId);
  if (account === 'unavailable') return 'directory-away';
  if (account === 'unknown') return 'unknown-account';
  if (account.home !== site) return 'account-elsewhere';
  return account.epoch === epoch ? undefined : 'unconfirmed-epoch';
}

const refusals: Readonly<Record<OpenRefusal, LoginRefusalReason>> = {
  nonexistent: 'mailbox-unavailable',
  'stale-epoch': 'stale-epoch',
  'epoch-ahead': 'unconfirmed-epoch',
  sealed: 'mailbox-sealed',
  locked: 'mailbox-locked',
  'too-many': 'too-many-mailboxes',
  unavailable: 'mailbox-unavailable',
};
