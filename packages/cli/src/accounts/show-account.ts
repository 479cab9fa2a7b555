/** `homeward account show`. */
import { workerFor } from '@homeward/directory';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { formatTable } from '../output/format-table.ts';
import { openDeployment } from '../wiring.ts';
import { unknownAccount, viewAccount } from './account-view.ts';

/** @throws OperatorError if there is no such account. */
export async function showAccount(
  context: CommandContext,
  which: string,
  options: OperatorOptions,
): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  const { driver, accounts } = deployment;
  const account = await accounts.find(which);
  if (account === undefined) throw unknownAccount(which);
  const [credentials, site, sessionCount] = await Promise.all([
    driver.getCredentials(account.id),
    driver.getSite(account.home),
    driver.countSessions(account.id),
  ]);
  const view = {
    ...viewAccount(account),
    passwordSetAt: credentials === undefined ? null : new Date(credentials.setAtMs).toISOString(),
    worker: (site && workerFor(site, account.id)?.workerIndex) ?? null,
    sessionCount,
  };
  printResult(context, options, view, () =>
    formatTable(undefined, [
      ['address', view.address],
      ['id', view.id],
      ['login names', view.names.join(', ') || '-'],
      ['display name', view.displayName ?? '-'],
      ['kind', view.kind],
      ['enabled', view.enabled ? 'yes' : 'no'],
      ['protocols', view.protocols.join(', ') || 'none'],
      ['password', view.passwordSetAt === null ? 'none' : `set ${view.passwordSetAt}`],
      ['site', view.worker === null ? view.site : `${view.site}, worker ${view.worker}`],
      ['epoch', String(view.epoch)],
      ['connection limit', String(view.connectionLimit ?? 'the deployment’s')],
      ['sessions now', String(view.sessionCount)],
      ['created', view.createdAt],
    ]),
  );
}
