/** `homeward account list`: page by page, so that a million accounts need little memory. */
import type { AccountRecord, DirectoryDriver } from '@homeward/directory';
import type { CommandContext, OperatorOptions } from '../commands/command-context.ts';
import type { OperatorConsole } from '../output/operator-console.ts';
import { formatProtocols } from '../output/format-protocols.ts';
import { formatTable } from '../output/format-table.ts';
import { getSite } from '../sites/get-site.ts';
import { openDeployment } from '../wiring.ts';
import { viewAccount } from './account-view.ts';

export interface ListAccountsOptions extends OperatorOptions {
  readonly site?: string;
  readonly kind?: string;
}

const PAGE_ACCOUNTS = 500;

/** Prints a table for each page, or one JSON array. @throws OperatorError if there is no such site. */
export async function listAccounts(
  context: CommandContext,
  options: ListAccountsOptions,
): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  if (options.site !== undefined) await getSite(deployment.driver, options.site);
  const print = options.json === true ? printJson : printTables;
  await print(context.console, findAccounts(deployment.driver, options));
}

async function* findAccounts(
  driver: DirectoryDriver,
  { site, kind }: ListAccountsOptions,
): AsyncGenerator<readonly AccountRecord[]> {
  for (let after: string | undefined; ;) {
    const page = await driver.listAccounts({ after, limit: PAGE_ACCOUNTS });
    after = page.at(-1)?.address;
    if (after === undefined) return;
    yield page.filter(
      (account) =>
        (site === undefined || account.home === site) &&
        (kind === undefined || account.kind === kind),
    );
  }
}

async function printJson(
  console: OperatorConsole,
  pages: AsyncIterable<readonly AccountRecord[]>,
): Promise<void> {
  let before = '[';
  for await (const page of pages) {
    for (const account of page) {
      console.print(`${before}\n  ${JSON.stringify(viewAccount(account))}`);
      before = ',';
    }
  }
  console.print(before === '[' ? '[]' : ']');
}

async function printTables(
  console: OperatorConsole,
  pages: AsyncIterable<readonly AccountRecord[]>,
): Promise<void> {
  let accountCount = 0;
  for await (const page of pages) {
    if (page.length === 0) continue;
    accountCount += page.length;
    const rows = page
      .map(viewAccount)
      .map((view) => [
        view.address,
        view.site,
        view.kind,
        view.enabled ? 'yes' : 'no',
        formatProtocols(view.protocols),
      ]);
    console.print(formatTable(['address', 'site', 'kind', 'enabled', 'protocols'], rows));
  }
  if (accountCount === 0) console.note('No accounts. Add one with homeward account add.');
}
