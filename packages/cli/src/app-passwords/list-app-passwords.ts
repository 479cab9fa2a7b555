/** `homeward account app-password list`. */
import { unknownAccount } from '../accounts/account-view.ts';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { formatProtocols } from '../output/format-protocols.ts';
import { formatTable } from '../output/format-table.ts';
import { openDeployment } from '../wiring.ts';
import { getAccount, viewAppPassword } from './app-password-view.ts';

/** @throws OperatorError if there is no such account. */
export async function listAppPasswords(
  context: CommandContext,
  which: string,
  options: OperatorOptions,
): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  const account = await getAccount(deployment, which);
  const all = await deployment.appPasswords.list(account.id);
  if (all === undefined) throw unknownAccount(which);
  const views = all.map(viewAppPassword);
  printResult(context, options, views, () =>
    views.length === 0
      ? `${account.address} has no app passwords.`
      : formatTable(
          ['id', 'label', 'protocols', 'made', 'last used'],
          views.map(({ id, label, protocols, createdAt, usedAt }) => [
            id,
            label,
            formatProtocols(protocols),
            createdAt.slice(0, 10),
            usedAt === null ? 'never' : usedAt.slice(0, 16).replace('T', ' '),
          ]),
        ),
  );
}
