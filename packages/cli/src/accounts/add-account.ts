/** `homeward account add`. */
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { noteElsewhere } from '../addresses/note-elsewhere.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { openDeployment } from '../wiring.ts';
import { type AccountView, parseProtocols, refusal, viewAccount } from './account-view.ts';
import { isPasswordGiven, type PasswordOptions, readPassword } from './read-password.ts';

export interface AddAccountOptions extends OperatorOptions, PasswordOptions {
  readonly site: string;
  readonly name?: readonly string[];
  readonly displayName?: string;
  readonly kind: string;
  readonly protocols?: string;
  readonly connectionLimit?: number;
  readonly quotaBytes?: number;
  readonly quotaMessages?: number;
  readonly disabled?: boolean;
  readonly password?: boolean;
  /** A login name there; true: the address. */
  readonly ldap?: string | true;
  readonly loginAtHome?: string;
}

/** @throws OperatorError if the account cannot be added. */
export async function addAccount(
  context: CommandContext,
  address: string,
  options: AddAccountOptions,
): Promise<void> {
  requireOneJudge(options);
  const protocols = options.protocols === undefined ? {} : parseProtocols(options.protocols);
  await using deployment = await openDeployment(options.config, context.environment);
  const password = hasPassword(options) ? await readPassword(options, context.console) : undefined;
  const outcome = await deployment.accounts.add({
    address,
    site: options.site,
    names: options.name,
    displayName: options.displayName,
    kind: options.kind,
    isEnabled: options.disabled !== true,
    protocols,
    connectionLimit: options.connectionLimit,
    quotaBytes: options.quotaBytes,
    quotaMessages: options.quotaMessages,
    homeLogin: options.loginAtHome,
    password,
    ...(options.ldap !== undefined && { ldapLogin: options.ldap === true ? '' : options.ldap }),
  });
  if (!outcome.ok) throw refusal(outcome.problems);
  const view = viewAccount(outcome.account);
  printResult(context, options, view, () => formatAdded(view, password));
  await noteElsewhere(context, deployment.driver, outcome.account);
}

/** A password that nobody would ever ask for is not taken in silence. */
function requireOneJudge({ ldap, password, passwordStdin, passwordFile }: AddAccountOptions): void {
  if (ldap === undefined) return;
  if (password !== true && passwordStdin !== true && passwordFile === undefined) return;
  throw new OperatorError(
    'LDAP judges the password: leave out --ldap, or what says which it is',
    EXIT_CODES.usage,
  );
}

/** Where LDAP has it there is none to ask for; a shared mailbox is opened by its delegates. */
function hasPassword(options: AddAccountOptions): boolean {
  if (options.ldap !== undefined) return false;
  return options.kind !== 'shared' || options.password === true || isPasswordGiven(options);
}

function formatAdded(view: AccountView, password: string | undefined): string {
  const { address, site, id, kind, ldap } = view;
  const added = `Added ${address} at ${site} (${id}).`;
  if (kind !== 'shared' || password !== undefined || ldap !== null) return added;
  const who = `homeward account delegate ${address} DELEGATE --rights full`;
  return `${added}\nIt has no password. Who may open it: ${who}`;
}
