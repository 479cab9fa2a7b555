/** `homeward account delegate`. */
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { openDeployment } from '../wiring.ts';
import { refusal, viewAccount } from './account-view.ts';

export interface DelegateAccountOptions extends OperatorOptions {
  readonly rights?: string;
  readonly remove?: boolean;
}

/** @throws OperatorError if an account is not there, or the rights are none. */
export async function delegateAccount(
  context: CommandContext,
  mailbox: string,
  delegate: string,
  options: DelegateAccountOptions,
): Promise<void> {
  const rights = readRights(options);
  await using deployment = await openDeployment(options.config, context.environment);
  const outcome = await deployment.accounts.setDelegate(mailbox, delegate, rights);
  if (!outcome.ok) throw refusal(outcome.problems);
  const view = viewAccount(outcome.account);
  printResult(context, options, view, () =>
    rights.length === 0
      ? `${delegate} is no delegate of ${view.address} any more; sessions of his end.`
      : `${delegate} may ${rights.join(', ')} ${view.address}.`,
  );
}

function readRights({ rights, remove }: DelegateAccountOptions): readonly string[] {
  const typed = (rights ?? '').split(',').map((right) => right.trim());
  const named = typed.filter((right) => right !== '');
  if (remove === true) return [];
  if (named.length > 0) return named;
  throw new OperatorError(
    'say what the delegate may do by --rights full,send-as (or read), or end it by --remove',
    EXIT_CODES.usage,
  );
}
