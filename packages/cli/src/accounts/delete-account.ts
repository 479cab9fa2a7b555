/** `homeward account delete`. */
import type { DeletedFacts } from '@homeward/backend/care';
import type { AccountRecord } from '@homeward/directory';
import { packAccount } from '../care/account-keepsake.ts';
import { type CareOptions, openCareDesk, valueOf } from '../care/care-door.ts';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { confirm } from '../output/confirm.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { type Deployment, openDeployment } from '../wiring.ts';
import { whileDisabled } from '../care/while-disabled.ts';
import { refusal, unknownAccount, viewAccount } from './account-view.ts';

export interface DeleteAccountOptions extends OperatorOptions, CareOptions {
  readonly yes?: boolean;
  readonly leaveMail?: boolean;
}

/** @throws OperatorError if there is no such account, or nobody says yes, or the site is away. */
export async function deleteAccount(
  context: CommandContext,
  which: string,
  options: DeleteAccountOptions,
): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  const { accounts, driver } = deployment;
  const account = await accounts.find(which);
  if (account === undefined) throw unknownAccount(which);
  if (options.leaveMail !== true && (await driver.getSite(account.home))?.foreign !== undefined) {
    throw new OperatorError(
      `${account.home} runs other software, where no mailbox can be put aside; ` +
        '--leave-mail deletes the account alone',
      EXIT_CODES.refused,
    );
  }
  if (options.yes !== true) {
    const { address } = account;
    const text = `Nobody can log in as ${address} afterwards. Type the address to delete it: `;
    const question = { text, expected: address, otherwise: 'nothing was deleted' };
    await confirm(question, context.console);
  }
  const kept = await whileDisabled(deployment, account, async () => {
    const facts =
      options.leaveMail === true ? undefined : await moveMailAside(deployment, account, options);
    const outcome = await accounts.delete(account.id);
    if (!outcome.ok) throw refusal(outcome.problems);
    return facts;
  });
  const keptUntil = kept === undefined ? null : new Date(kept.keptUntilMs).toISOString();
  const view = { ...viewAccount(account), mailKeptUntil: keptUntil };
  printResult(context, options, view, () =>
    formatResult(account, keptUntil, options.leaveMail === true),
  );
}

/** @returns undefined if there is no mailbox. */
async function moveMailAside(
  deployment: Deployment,
  account: AccountRecord,
  options: CareOptions,
): Promise<DeletedFacts | undefined> {
  const desk = await openCareDesk(deployment, account.home, account.id, options);
  const answer = await desk.run({
    kind: 'delete',
    accountId: account.id,
    account: await packAccount(account, deployment.driver),
  });
  if (!answer.ok && answer.reason === 'nonexistent') return undefined;
  return valueOf(answer, `the mail of ${account.address} cannot be put aside`, {
    unavailable: 'the site’s log has the reason; --leave-mail deletes the account alone',
  });
}

function formatResult(
  { address, home, id }: AccountRecord,
  keptUntil: string | null,
  isMailLeft: boolean,
): string {
  if (isMailLeft) return `Deleted ${address}. Its mail stays at ${home}, under ${id}.`;
  if (keptUntil === null) return `Deleted ${address}, which had no mail.`;
  return (
    `Deleted ${address}. Until ${keptUntil.slice(0, 10)} it comes back with its mail by\n` +
    `  homeward account undelete ${address}`
  );
}
