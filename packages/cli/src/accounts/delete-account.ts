/** `homeward account delete`. */
import { createInterface } from 'node:readline/promises';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import type { OperatorConsole } from '../output/operator-console.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
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
  if (options.yes !== true) await confirm(account.address, context.console);
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

/** The address must be typed: a yes is said too easily. */
async function confirm(address: string, { isInteractive }: OperatorConsole): Promise<void> {
  if (!isInteractive) {
    throw new OperatorError(
      'this is no terminal on which one could be asked; give --yes to delete',
      EXIT_CODES.usage,
    );
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const given = Promise.withResolvers<string>();
    terminal.once('close', () => given.resolve(''));
    const answer = terminal.question(
      `Nobody can log in as ${address} afterwards. Type the address to delete it: `,
    );
    const typed = await Promise.race([answer, given.promise]);
    if (typed.trim().toLowerCase() === address) return;
  } finally {
    terminal.close();
  }
  throw new OperatorError('given up, nothing was deleted', EXIT_CODES.interrupted);
}
