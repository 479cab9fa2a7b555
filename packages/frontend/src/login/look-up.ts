/**
 * Login names to accounts, the first step of a login. A directory that is away is told apart
 * from an account that is not there: only the second may ever look like a bad password.
 */
import { readLoginIdentities, type LoginLookup, type LoginRecord } from '@homeward/directory';
import type { Credentials } from '@homeward/sasl';
import type { LoginFault } from './login-fault.ts';
import type { AccountLookup } from './ports.ts';

/** Who logs in, and whose mailbox he wants. */
export interface LookedUp {
  readonly ok: true;
  /** Undefined when nobody has that name. */
  readonly login: LoginRecord | undefined;
  /**
   * The mailbox of another, still being looked up: it must not take time of its own, and its
   * absence shows only to who has proved who he is. Undefined for one's own mailbox.
   */
  readonly mailbox: Promise<LoginLookup> | undefined;
  /** Under which the mailbox that is to be opened was looked up. */
  readonly mailboxName: string;
}

/** Those that name who logs in; a token says that by itself. */
export type PersonalCredentials = Exclude<Credentials, { kind: 'bearer' }>;

/** @returns The accounts, or a fault when the directory could not tell who logs in. */
export async function lookUpAccounts(
  accounts: Pick<AccountLookup, 'findAccount'>,
  { loginName, actAs }: Pick<PersonalCredentials, 'loginName' | 'actAs'>,
): Promise<LookedUp | LoginFault> {
  const identities = readLoginIdentities(loginName, actAs);
  if (identities.kind === 'invalid') {
    return { ok: true, login: undefined, mailbox: undefined, mailboxName: '' };
  }
  const isDelegate = identities.kind === 'delegate';
  const mailboxName = isDelegate ? identities.mailbox : identities.name;
  const mailbox = isDelegate ? accounts.findAccount(mailboxName) : undefined;
  // Who awaits it later meets the bug; till then it must not count as one that nobody saw.
  mailbox?.catch(() => undefined);
  const found = await accounts.findAccount(identities.name);
  switch (found.kind) {
    case 'found':
      return { ok: true, login: found.record, mailbox, mailboxName };
    case 'unknown':
      return { ok: true, login: undefined, mailbox, mailboxName };
    case 'unavailable':
      return { ok: false, reason: 'directory-unavailable', logDetail: 'account' };
  }
}
