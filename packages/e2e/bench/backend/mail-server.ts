/** A server under measurement, whichever it is. */

/** Somebody who may log in. */
export interface BenchAccount {
  readonly name: string;
  readonly password: string;
  readonly imapPort: number;
  readonly pop3Port: number;
}

/** What the rows need of a server. Whoever starts one stops it. */
export interface MailServer extends AsyncDisposable {
  readonly name: string;
  /** Each with a mailbox of its own; `ACCOUNT_COUNT` of them. */
  readonly accounts: readonly BenchAccount[];
  /** Its processes at this moment. */
  listPids(): readonly number[];
  /** Makes it give up what it holds without need, where such a thing is known. */
  throwAway?(): Promise<void>;
}

/** Accounts that every server has. */
export const ACCOUNT_COUNT = 12;

/** @throws if the server has no such account. */
export function getAccount({ accounts, name }: MailServer, index: number): BenchAccount {
  const account = accounts[index];
  if (account === undefined) throw new Error(`${name} has no account ${index}`);
  return account;
}
