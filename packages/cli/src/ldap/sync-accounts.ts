/** `homeward ldap sync`: all accounts that came from LDAP, made to follow their entries. */
import type { AccountRecord, DirectoryDriver } from '@homeward/directory';
import { finderOf, type LdapAccounts, type LdapEntry } from '@homeward/ldap';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { openDeployment } from '../wiring.ts';
import { openLdap } from './open-ldap.ts';

export interface SyncOptions extends OperatorOptions {
  readonly dryRun?: boolean;
  readonly force?: boolean;
  /** Also make accounts of entries that have none. */
  readonly add?: boolean;
}

/** More of them gone at once look like a wrong setting. */
const GONE_SHARE = 0.1;
const GONE_COUNT = 5;
const PAGE_SIZE = 500;

/** Accounts by address. */
interface SyncResult {
  checked: number;
  readonly added: string[];
  readonly changed: string[];
  readonly gone: string[];
  readonly failed: string[];
}

interface Looked {
  readonly account: AccountRecord;
  readonly entry: LdapEntry | undefined;
}

/** @throws OperatorError if LDAP fails on the way; what was changed until then stays. */
export async function syncAccounts(context: CommandContext, options: SyncOptions): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  await using ldap = await openLdap(deployment);
  if (options.add === true && !ldap.settings.makeAccounts) {
    const text = 'ldap.makeAccounts is off, so --add may make none';
    throw new OperatorError(text, EXIT_CODES.refused);
  }
  const present: Looked[] = [];
  const gone: AccountRecord[] = [];
  const result: SyncResult = { checked: 0, added: [], changed: [], gone: [], failed: [] };
  for await (const account of listFollowers(deployment.driver)) {
    const entry = await findEntry(account, ldap.accounts);
    if (entry === undefined) gone.push(account);
    else present.push({ account, entry });
    result.checked += 1;
  }
  refuseTooMany(gone.length, result.checked, options);
  const newlyGone = gone.filter(({ ldap: identity }) => identity?.state !== 'absent');
  const isDry = options.dryRun === true;
  for (const { account, entry } of present) {
    await followOne(account, entry, ldap.accounts, isDry, result);
  }
  for (const account of newlyGone) {
    if (!isDry) await ldap.accounts.follow(account, undefined);
    result.gone.push(account.address);
  }
  if (options.add === true) await addNewcomers(ldap.accounts, isDry, result);
  if (result.failed.length > 0) context.console.exitCode = EXIT_CODES.refused;
  for (const text of result.failed) context.console.complain(text);
  printResult(context, options, { dryRun: isDry, ...result }, () => {
    const wouldBe = isDry ? 'would be ' : '';
    return [
      `Looked at ${result.checked} account(s) from LDAP.`,
      ...result.added.map((address) => `${address}: ${wouldBe}added`),
      ...result.changed.map((address) => `${address}: ${wouldBe}changed`),
      ...result.gone.map((address) => `${address}: ${wouldBe}switched off, its entry is gone`),
    ].join('\n');
  });
}

/** In pages, so that any number fits. */
async function* listFollowers(
  driver: Pick<DirectoryDriver, 'listAccounts'>,
): AsyncGenerator<AccountRecord> {
  let after: string | undefined;
  for (;;) {
    const page = await driver.listAccounts({ after, limit: PAGE_SIZE });
    if (page.length === 0) return;
    yield* page.filter(({ ldap }) => ldap?.entryId !== undefined);
    after = page.at(-1)?.address;
  }
}

async function findEntry(
  account: AccountRecord,
  accounts: LdapAccounts,
): Promise<LdapEntry | undefined> {
  const found = await finderOf(account, accounts.directory)(true);
  if (found.kind === 'unavailable') throw new OperatorError(found.detail, EXIT_CODES.unavailable);
  return found.kind === 'found' ? found.entry : undefined;
}

function refuseTooMany(goneCount: number, count: number, { force, dryRun }: SyncOptions): void {
  const isMany = goneCount > GONE_COUNT && goneCount > count * GONE_SHARE;
  if (!isMany || force === true || dryRun === true) return;
  throw new OperatorError(
    `${goneCount} of ${count} entries are gone; nothing was changed. If that is right, give ` +
      '--force; otherwise see ldap.base and ldap.filter',
    EXIT_CODES.refused,
  );
}

async function followOne(
  account: AccountRecord,
  entry: LdapEntry | undefined,
  accounts: LdapAccounts,
  isDry: boolean,
  result: SyncResult,
): Promise<void> {
  const outcome = isDry
    ? accounts.wouldChange(account, entry)
    : await accounts.follow(account, entry);
  if (!outcome.ok) result.failed.push(outcome.detail);
  else if (outcome.change !== 'none') result.changed.push(account.address);
}

/** @throws OperatorError if LDAP fails on the way; who was added until then stays. */
async function addNewcomers(
  accounts: LdapAccounts,
  isDry: boolean,
  { added, failed }: SyncResult,
): Promise<void> {
  const outcome = await accounts.directory.visitAll(async (entries) => {
    for (const entry of entries) {
      const one = await accounts.addAccount(entry, isDry);
      if (!one.ok) failed.push(one.detail);
      else if (one.change === 'added') added.push(one.account.address);
    }
  });
  if (outcome.kind === 'done') return;
  throw new OperatorError(outcome.detail, EXIT_CODES.unavailable);
}
