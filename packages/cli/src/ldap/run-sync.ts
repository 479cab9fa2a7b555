/** One run of `homeward ldap sync`: all accounts that came from LDAP, made to follow their entries. */
import type { AccountRecord, DirectoryDriver } from '@homeward/directory';
import { finderOf, type LdapAccounts, type LdapEntry } from '@homeward/ldap';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import type { OpenedLdap } from './open-ldap.ts';

export interface SyncChoice {
  readonly dryRun?: boolean;
  readonly force?: boolean;
  /** Also make accounts of entries that have none. */
  readonly add?: boolean;
}

/** What became of one account, or what kept it from becoming anything. */
export type SyncOutcome =
  | { readonly change: 'added' | 'changed' | 'gone'; readonly address: string }
  | { readonly change: 'failed'; readonly detail: string };

export interface SyncRun extends SyncChoice {
  readonly driver: Pick<DirectoryDriver, 'listAccounts'>;
  readonly ldap: OpenedLdap;
  /** Hears of each account that needed something; must not throw. */
  readonly onOutcome: (outcome: SyncOutcome) => void;
  /** Breaks it off between two accounts; the next run does the rest. */
  readonly signal?: AbortSignal;
}

/** More of them gone since the last run look like a wrong setting. */
const GONE_SHARE = 0.1;
const GONE_COUNT = 5;
const PAGE_SIZE = 500;

interface Looked {
  readonly account: AccountRecord;
  readonly entry: LdapEntry | undefined;
}

/**
 * @returns How many accounts were looked at; undefined if it was broken off.
 * @throws OperatorError if LDAP fails on the way; what was changed until then stays.
 */
export async function runSync(run: SyncRun): Promise<number | undefined> {
  const { ldap, signal } = run;
  if (run.add === true && !ldap.settings.makeAccounts) {
    const text = 'ldap.makeAccounts is off, so --add may make none';
    throw new OperatorError(text, EXIT_CODES.refused);
  }
  const isOff = (): boolean => signal?.aborted === true;
  const present: Looked[] = [];
  const gone: AccountRecord[] = [];
  for await (const account of listFollowers(run.driver)) {
    if (isOff()) return undefined;
    const entry = await findEntry(account, ldap.accounts);
    if (entry === undefined) gone.push(account);
    else present.push({ account, entry });
  }
  const newlyGone = gone.filter(({ ldap: identity }) => identity?.state !== 'absent');
  // Who was switched off before is no news, and would keep every run from now on from its work.
  refuseTooMany(newlyGone.length, present.length + newlyGone.length, run);
  for (const looked of present) {
    if (isOff()) return undefined;
    await followOne(looked, run);
  }
  for (const account of newlyGone) {
    if (isOff()) return undefined;
    if (run.dryRun !== true) await ldap.accounts.follow(account, undefined);
    run.onOutcome({ change: 'gone', address: account.address });
  }
  if (run.add === true) await addNewcomers(run);
  return isOff() ? undefined : present.length + gone.length;
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

function refuseTooMany(goneCount: number, count: number, { force, dryRun }: SyncChoice): void {
  const isMany = goneCount > GONE_COUNT && goneCount > count * GONE_SHARE;
  if (!isMany || force === true || dryRun === true) return;
  throw new OperatorError(
    `${goneCount} of ${count} entries are gone; nothing was changed. If that is right, give ` +
      '--force; otherwise see ldap.base and ldap.filter',
    EXIT_CODES.refused,
  );
}

async function followOne({ account, entry }: Looked, run: SyncRun): Promise<void> {
  const { accounts } = run.ldap;
  const outcome =
    run.dryRun === true
      ? accounts.wouldChange(account, entry)
      : await accounts.follow(account, entry);
  if (!outcome.ok) run.onOutcome({ change: 'failed', detail: outcome.detail });
  else if (outcome.change !== 'none') {
    run.onOutcome({ change: 'changed', address: account.address });
  }
}

/** @throws OperatorError if LDAP fails on the way; who was added until then stays. */
async function addNewcomers({ ldap, dryRun, onOutcome, signal }: SyncRun): Promise<void> {
  const outcome = await ldap.accounts.directory.visitAll(async (entries) => {
    for (const entry of entries) {
      if (signal?.aborted === true) return;
      const one = await ldap.accounts.addAccount(entry, dryRun === true);
      if (!one.ok) onOutcome({ change: 'failed', detail: one.detail });
      else if (one.change === 'added') {
        onOutcome({ change: 'added', address: one.account.address });
      }
    }
  });
  if (outcome.kind === 'done' || signal?.aborted === true) return;
  throw new OperatorError(outcome.detail, EXIT_CODES.unavailable);
}
