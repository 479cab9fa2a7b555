/**
 * Who may use another's mailbox, as the mailbox's record says it: reading and changing the list.
 * Whether a login succeeds is the policy's to say (`login-policy.ts`).
 */
import type { AccountId, AccountRecord, Delegate, DelegateRight } from './ports.ts';

/** All rights, in the order in which a record has them. */
export const DELEGATE_RIGHTS: readonly DelegateRight[] = ['full', 'read', 'send-as'];
/** Of one mailbox: its record is read at every login and stays small. */
export const DELEGATE_COUNT_LIMIT = 256;

/** How a delegate opens a mailbox. */
export type DelegateAccess = 'full' | 'read';

/** What `accountId` may do with the mailbox; undefined: not open it. */
export function findDelegateAccess(
  mailbox: Pick<AccountRecord, 'delegates'>,
  accountId: AccountId,
): DelegateAccess | undefined {
  const rights = mailbox.delegates.find((one) => one.accountId === accountId)?.rights ?? [];
  if (rights.includes('full')) return 'full';
  return rights.includes('read') ? 'read' : undefined;
}

/** The list with one delegate's rights replaced; without rights he is a delegate no more. */
export function withDelegate(
  delegates: readonly Delegate[],
  accountId: AccountId,
  rights: readonly DelegateRight[],
): readonly Delegate[] {
  const others = delegates.filter((one) => one.accountId !== accountId);
  if (rights.length === 0) return others;
  const changed = { accountId, rights: DELEGATE_RIGHTS.filter((right) => rights.includes(right)) };
  return [...others, changed].toSorted((a, b) => (a.accountId < b.accountId ? -1 : 1));
}

/** Who ceases to be a delegate, and who becomes one, when one list replaces another. */
export function compareDelegates(
  before: readonly Delegate[],
  after: readonly Delegate[],
): { readonly lost: readonly AccountId[]; readonly gained: readonly AccountId[] } {
  const old = new Set(before.map((one) => one.accountId));
  const present = new Set(after.map((one) => one.accountId));
  return {
    lost: [...old].filter((id) => !present.has(id)),
    gained: [...present].filter((id) => !old.has(id)),
  };
}
