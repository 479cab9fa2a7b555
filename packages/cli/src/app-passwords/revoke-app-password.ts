/** `homeward account app-password revoke`. */
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { openDeployment } from '../wiring.ts';
import { getAccount, getResult, viewAppPassword } from './app-password-view.ts';

/** @throws OperatorError if there is none such. */
export async function revokeAppPassword(
  context: CommandContext,
  which: string,
  appPassword: string,
  options: OperatorOptions,
): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  const account = await getAccount(deployment, which);
  const { facts } = getResult(await deployment.appPasswords.revoke(account.id, appPassword));
  const view = viewAppPassword(facts);
  printResult(
    context,
    options,
    view,
    () => `"${view.label}" logs ${account.address} in no more; the sessions that it opened end.`,
  );
}
