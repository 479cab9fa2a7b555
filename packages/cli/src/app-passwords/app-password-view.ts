/** An app password as commands show it, and how they find its account. */
import type { AccountRecord, AppPasswordFacts, AppPasswordOutcome } from '@homeward/directory';
import { refusal, unknownAccount } from '../accounts/account-view.ts';
import type { Deployment } from '../wiring.ts';

/** The form of `--json`; a contract with scripts. */
export interface AppPasswordView {
  readonly id: string;
  readonly label: string;
  readonly protocols: readonly string[];
  readonly createdAt: string;
  /** Right to an hour or so; null: never. */
  readonly usedAt: string | null;
}

export function viewAppPassword(facts: AppPasswordFacts): AppPasswordView {
  const { id, label, protocols, createdAtMs, usedAtMs } = facts;
  return {
    id,
    label,
    protocols,
    createdAt: new Date(createdAtMs).toISOString(),
    usedAt: usedAtMs === undefined ? null : new Date(usedAtMs).toISOString(),
  };
}

/** @throws OperatorError if there is no such account. */
export async function getAccount(
  { accounts }: Pick<Deployment, 'accounts'>,
  which: string,
): Promise<AccountRecord> {
  const account = await accounts.find(which);
  if (account === undefined) throw unknownAccount(which);
  return account;
}

/** @throws OperatorError that names the remedy. */
export function getResult<Value>(outcome: AppPasswordOutcome<Value>): Value {
  if (!outcome.ok) throw refusal([outcome.problem]);
  return outcome;
}
