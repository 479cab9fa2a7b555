/** All groups of the directory, by address, without holding them all. */
import type { DirectoryDriver, GroupRecord } from '@homeward/directory';

const PAGE_GROUPS = 100;

/** One after another; those that change meanwhile may be missing. */
export async function* eachGroup(
  driver: Pick<DirectoryDriver, 'listGroups'>,
): AsyncGenerator<GroupRecord> {
  let after: string | undefined;
  for (;;) {
    const page = await driver.listGroups({ after, limit: PAGE_GROUPS });
    after = page.at(-1)?.address;
    if (after === undefined) return;
    yield* page;
  }
}
