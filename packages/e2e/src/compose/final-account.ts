/** The reckoning: what is in a mailbox at the end, against what was promised. */
import type { ComposeAccount, PublicName } from './compose-project.ts';
import type { Ledger } from './ledger.ts';
import { digestOf, openImap } from './mail-clients.ts';

/** How a mailbox came through. */
export interface FinalAccount {
  readonly account: string;
  readonly promisedCount: number;
  readonly messageCount: number;
  /** Promises that were broken, in words. */
  readonly broken: readonly string[];
}

/** Reads the whole mailbox by a login of its own. */
export async function settleAccount(
  account: ComposeAccount,
  at: PublicName,
  ledger: Ledger,
): Promise<FinalAccount> {
  const promises = ledger.promises.filter((promise) => promise.account === account.address);
  await using session = await openImap({ account, at }, 'imaps');
  const { uidValidity } = await session.client.mailboxOpen('INBOX');
  const found = new Map<number, string>();
  const broken: string[] = [];
  for await (const { uid, source } of session.client.fetch('1:*', { uid: true, source: true })) {
    if (source === undefined) continue;
    found.set(uid, digestOf(source));
    if (!source.includes(`X-Owner: ${account.address}\r\n`)) broken.push(`UID ${uid} is another's`);
  }
  for (const promise of promises) {
    if (promise.uidValidity !== String(uidValidity))
      broken.push(`UIDVALIDITY is now ${uidValidity}`);
    const digest = found.get(promise.uid);
    if (digest === undefined) broken.push(`UID ${promise.uid} is lost`);
    else if (digest !== promise.digest) broken.push(`UID ${promise.uid} has other octets`);
  }
  return {
    account: account.address,
    promisedCount: promises.length,
    messageCount: found.size,
    broken,
  };
}
