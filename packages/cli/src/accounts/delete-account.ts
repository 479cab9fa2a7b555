/** `homeward account delete`. */
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { confirm } from '../output/confirm.ts';
import { openDeployment } from '../wiring.ts';
import { refusal, unknownAccount, viewAccount } from './account-view.ts';

export interface DeleteAccountOptions extends OperatorOptions {
  readonly yes?: boolean;
}

/** @throws OperatorError if there is no such account, or nobody says yes. */
export async function deleteAccount(
  context: CommandContext,
  which: string,
  options: DeleteAccountOptions,
): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  const { accounts } = deployment;
  const account = await accounts.find(which);
  if (account === undefined) throw unknownAccount(which);
  if (options.yes !== true) {
    const { address } = account;
    const text = `Nobody can log in as ${address} afterwards. Type the address to delete it: `;
    const question = { text, expected: address, otherwise: 'nothing was deleted' };
    await confirm(question, context.console);
  }
  const outcome = await accounts.delete(account.id);
  if (!outcome.ok) throw refusal(outcome.problems);
  const view = viewAccount(account);
  printResult(
    context,
    options,
    view,
    () => `Deleted ${view.address}. Its mail stays at ${view.site}, under ${view.id}.`,
  );
}
