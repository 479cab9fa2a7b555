/** `homeward account set`. */
import type { AccountChanges, AccountRecord, AccountService } from '@homeward/directory';
import { noteElsewhere } from '../addresses/note-elsewhere.ts';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { getSite } from '../sites/get-site.ts';
import { type Deployment, openDeployment } from '../wiring.ts';
import { parseProtocols, refusal, unknownAccount, viewAccount } from './account-view.ts';
import { isPasswordGiven, type PasswordOptions, readPassword } from './read-password.ts';

export interface SetAccountOptions extends OperatorOptions, PasswordOptions {
  readonly address?: string;
  readonly name?: readonly string[];
  /** False: no further login names. */
  readonly names?: boolean;
  readonly displayName?: string;
  readonly kind?: string;
  readonly protocols?: string;
  readonly connectionLimit?: number | 'none';
  readonly quotaBytes?: number | 'none';
  readonly quotaMessages?: number | 'none';
  readonly enable?: boolean;
  readonly disable?: boolean;
  readonly password?: boolean;
  readonly passwordLogin?: 'on' | 'off';
  readonly saveSentCopy?: 'on' | 'off' | 'default';
  /** A login name there; true: the address; false: no more. */
  readonly ldap?: string | boolean;
  readonly site?: string;
  readonly loginAtHome?: string;
}

/** @throws OperatorError if nothing is to be changed, or the change is refused. */
export async function setAccount(
  context: CommandContext,
  which: string,
  options: SetAccountOptions,
): Promise<void> {
  const changes = readChanges(options);
  const changesPassword = options.password === true || isPasswordGiven(options);
  if (Object.keys(changes).length === 0 && !changesPassword) {
    throw new OperatorError('nothing to change; see homeward account set --help', EXIT_CODES.usage);
  }
  await using deployment = await openDeployment(options.config, context.environment);
  const { accounts } = deployment;
  let account = await accounts.find(which);
  if (account === undefined) throw unknownAccount(which);
  if (options.site !== undefined) await requireForeignMove(deployment, account, options.site);
  // Asked for before anything is changed: giving up changes nothing.
  const password = changesPassword ? await readPassword(options, context.console) : undefined;
  if (Object.keys(changes).length > 0) account = await change(accounts, account, changes);
  if (changesPassword) account = await setPassword(accounts, account, password);
  const view = viewAccount(account);
  printResult(context, options, view, () => `Changed ${view.address}.`);
  const addressesChange = options.name !== undefined || options.address !== undefined;
  if (addressesChange) await noteElsewhere(context, deployment.driver, account);
}

/** Between sites of our own the mail would stay behind: that is a move, and not said here. */
async function requireForeignMove(
  { driver }: Pick<Deployment, 'driver'>,
  { home }: AccountRecord,
  typed: string,
): Promise<void> {
  const [from, to] = await Promise.all([driver.getSite(home), getSite(driver, typed)]);
  if (from?.name === to.name || from?.foreign !== undefined || to.foreign !== undefined) return;
  throw new OperatorError(
    `${home} and ${to.name} are both sites of Homeward, and the mail would stay at ${home}; ` +
      '--site is for homes that run other software',
    EXIT_CODES.refused,
  );
}

async function change(
  accounts: AccountService,
  { id }: AccountRecord,
  changes: AccountChanges,
): Promise<AccountRecord> {
  const outcome = await accounts.change(id, changes);
  if (!outcome.ok) throw refusal(outcome.problems);
  return outcome.account;
}

async function setPassword(
  accounts: AccountService,
  { id }: AccountRecord,
  password: string | undefined,
): Promise<AccountRecord> {
  const outcome = await accounts.setPassword(id, password);
  if (!outcome.ok) throw refusal(outcome.problems);
  return outcome.account;
}

function readChanges(options: SetAccountOptions): AccountChanges {
  const { address, name, names, displayName, kind, protocols } = options;
  return {
    ...(address !== undefined && { address }),
    ...(name !== undefined ? { names: name } : names === false && { names: [] }),
    ...(displayName !== undefined && { displayName: displayName === '' ? null : displayName }),
    ...(kind !== undefined && { kind }),
    ...(options.site !== undefined && { site: options.site }),
    ...(options.loginAtHome !== undefined && { homeLogin: options.loginAtHome || null }),
    ...(protocols !== undefined && { protocols: parseProtocols(protocols) }),
    ...numberOrDefault('connectionLimit', options.connectionLimit),
    ...numberOrDefault('quotaBytes', options.quotaBytes),
    ...numberOrDefault('quotaMessages', options.quotaMessages),
    ...(options.enable === true && { isEnabled: true }),
    ...(options.disable === true && { isEnabled: false }),
    ...(options.passwordLogin !== undefined && {
      isPasswordLoginOff: options.passwordLogin === 'off',
    }),
    ...(options.saveSentCopy !== undefined && {
      savesSentCopy: options.saveSentCopy === 'default' ? null : options.saveSentCopy === 'on',
    }),
    ...(options.ldap !== undefined && { ldapLogin: readLdapLogin(options.ldap) }),
  };
}

/** "none" takes a number of the account's own away. */
function numberOrDefault(
  field: 'connectionLimit' | 'quotaBytes' | 'quotaMessages',
  value: number | 'none' | undefined,
): AccountChanges {
  return value === undefined ? {} : { [field]: value === 'none' ? null : value };
}

function readLdapLogin(option: string | boolean): string | null {
  if (typeof option === 'string') return option;
  return option ? '' : null;
}
