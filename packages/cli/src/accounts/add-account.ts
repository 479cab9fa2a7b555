/** `homeward account add`. */
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
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
}

/** @throws OperatorError if the account cannot be added. */
export async function addAccount(
  context: CommandContext,
  address: string,
  options: AddAccountOptions,
): Promise<void> {
  const protocols = options.protocols === undefined ? {} : parseProtocols(options.protocols);
  await using deployment = await openDeployment(options.config, context.environment);
  const password = await readPassword(options, context.console);
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
    password,
  });
  if (!outcome.ok) throw refusal(outcome.problems);
  const view = viewAccount(outcome.account);
  printResult(context, options, view, () => `Added ${view.address} at ${view.site} (${view.id}).`);
}
