/**
 * One run of `homeward ldap sync`: all accounts that came from LDAP, made to follow their entries.
 *
 * It looks at everybody before it changes anybody, and keeps nothing but the ids of those that need
 * something: records and entries of a million people would take more than a gigabyte.
 */
import type { AccountId, AccountRecord, DirectoryDriver } from '@homeward/directory';
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
  readonly driver: Pick<DirectoryDriver, 'listAccounts' | 'getAccount'>;
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
  /** Undefined: it is gone. */
  readonly entry: LdapEntry | undefined;
}

/** What there is to do. */
interface Survey {
  checkedCount: number;
  /** Of those who were switched off before, whose entries are still gone. */
  absentCount: number;
  readonly differing: AccountId[];
  readonly gone: AccountId[];
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
  const survey = await surveyFollowers(run);
  if (isOff()) return undefined;
  const { checkedCount, absentCount, differing, gone } = survey;
  // Who was switched off before is no news, and would keep every run from now on from its work.
  refuseTooMany(gone.length, checkedCount - absentCount, run);
  for (const id of differing) {
    if (isOff()) return undefined;
    await followAgain(id, run);
  }
  for (const id of gone) {
    if (isOff()) return undefined;
    await switchOff(id, run);
  }
  if (run.add === true) await addNewcomers(run);
  return isOff() ? undefined : checkedCount;
}

/** Changes nothing; as far as it came, if it is broken off. */
async function surveyFollowers({ driver, ldap, signal }: SyncRun): Promise<Survey> {
  const survey: Survey = { checkedCount: 0, absentCount: 0, differing: [], gone: [] };
  for await (const account of listFollowers(driver)) {
    if (signal?.aborted === true) break;
    const entry = await findEntry(account, ldap.accounts);
    survey.checkedCount += 1;
    if (entry !== undefined) {
      const outcome = ldap.accounts.wouldChange(account, entry);
      if (!outcome.ok || outcome.change !== 'none') survey.differing.push(account.id);
    } else if (account.ldap?.state === 'absent') survey.absentCount += 1;
    else survey.gone.push(account.id);
  }
  return survey;
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

/** @returns Undefined: it was deleted, or taken out of LDAP's hands, since the survey. */
async function lookAgain(id: AccountId, { driver, ldap }: SyncRun): Promise<Looked | undefined> {
  const account = await driver.getAccount(id);
  if (account?.ldap?.entryId === undefined) return undefined;
  return { account, entry: await findEntry(account, ldap.accounts) };
}

/** Whose entry has gone since the survey is the next run's, which counts him. */
async function followAgain(id: AccountId, run: SyncRun): Promise<void> {
  const { account, entry } = (await lookAgain(id, run)) ?? {};
  if (account === undefined || entry === undefined) return;
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

/** Unless he is back since the survey. */
async function switchOff(id: AccountId, run: SyncRun): Promise<void> {
  const looked = await lookAgain(id, run);
  if (looked === undefined || looked.entry !== undefined) return;
  const { account } = looked;
  if (run.dryRun !== true) await run.ldap.accounts.follow(account, undefined);
  run.onOutcome({ change: 'gone', address: account.address });
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
