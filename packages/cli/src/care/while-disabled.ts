/** Keeps everybody out of an account while its mailbox is taken away or put in place. */
import type { AccountRecord } from '@homeward/directory';
import { refusal } from '../accounts/account-view.ts';
import type { Deployment } from '../wiring.ts';

/** The account is afterwards as it was, also if `work` fails. */
export async function whileDisabled<Result>(
  { accounts }: Pick<Deployment, 'accounts'>,
  account: AccountRecord,
  work: () => Promise<Result>,
): Promise<Result> {
  if (!account.isEnabled) return work();
  const disabled = await accounts.setEnabled(account.id, false);
  if (!disabled.ok) throw refusal(disabled.problems);
  try {
    return await work();
  } finally {
    // Refused only where `work` has deleted it.
    await accounts.setEnabled(account.id, true);
  }
}
