/** All accounts of the directory, by address, without holding them all. */
import type { AccountRecord, DirectoryDriver } from '@homeward/directory';

const PAGE_ACCOUNTS = 500;

/** One after another; those that change meanwhile may be missing. */
export async function* eachAccount(
  driver: Pick<DirectoryDriver, 'listAccounts'>,
): AsyncGenerator<AccountRecord> {
  let after: string | undefined;
  for (;;) {
    const page = await driver.listAccounts({ after, limit: PAGE_ACCOUNTS });
    after = page.at(-1)?.address;
    if (after === undefined) return;
    yield* page;
  }
}
