/** `homeward account app-password add`. */
import type { Protocol } from '@homeward/directory';
import { parseProtocols } from '../accounts/account-view.ts';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { openDeployment } from '../wiring.ts';
import { getAccount, getResult, viewAppPassword } from './app-password-view.ts';

export interface AddAppPasswordOptions extends OperatorOptions {
  readonly label: string;
  readonly protocols: string;
}

/** Shows the secret, this once. @throws OperatorError if it is refused. */
export async function addAppPassword(
  context: CommandContext,
  which: string,
  options: AddAppPasswordOptions,
): Promise<void> {
  const wanted = parseProtocols(options.protocols);
  const protocols = (Object.keys(wanted) as Protocol[]).filter((protocol) => wanted[protocol]);
  await using deployment = await openDeployment(options.config, context.environment);
  const account = await getAccount(deployment, which);
  const outcome = await deployment.appPasswords.add(account.id, {
    label: options.label,
    protocols,
  });
  const { secret, facts } = getResult(outcome);
  const view = { ...viewAppPassword(facts), account: account.address, secret };
  printResult(
    context,
    options,
    view,
    () =>
      `${secret}\n\nThis app password of ${account.address} ("${view.label}") is shown once. It logs in over ` +
      `${view.protocols.join(', ')}; end it by: homeward account app-password revoke ${account.address} ${view.id}`,
  );
}
