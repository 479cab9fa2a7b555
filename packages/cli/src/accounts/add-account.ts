/** `homeward account add`. */
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { noteElsewhere } from '../addresses/note-elsewhere.ts';
import { openDeployment } from '../wiring.ts';
import { parseProtocols, refusal, viewAccount } from './account-view.ts';
import { type PasswordOptions, readPassword } from './read-password.ts';

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
  const protocols = options.protocols === undefined ? {} : parseProtocols(options.protocols);
  await using deployment = await openDeployment(options.config, context.environment);
  // LDAP has the password: there is none to ask for.
  const password =
    options.ldap === undefined ? await readPassword(options, context.console) : undefined;
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
  printResult(context, options, view, () => `Added ${view.address} at ${view.site} (${view.id}).`);
  await noteElsewhere(context, deployment.driver, outcome.account);
}
