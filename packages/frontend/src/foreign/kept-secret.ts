/**
 * The client's own password, kept beyond its verification for the one case that needs it: a home
 * that runs other software and wants that very password. Everybody else's is overwritten by
 * `verifySecret`, and never comes here.
 */
import type { SiteRecord } from '@homeward/directory';
import type { LookedUp, PersonalCredentials } from '../login/look-up.ts';
import { admit } from '../login/policy.ts';
import type { AccountLookup, MailProtocol } from '../login/ports.ts';

/** Dispose of it in any case: that overwrites it. */
export interface KeptSecret extends Disposable {
  readonly password: Uint8Array;
  /**
   * Neither we nor LDAP know a password of the account, so whether this one is right is the home's to say. Only
   * for accounts that would be let in: others are told no by us, in the usual time.
   */
  readonly isJudgedAtHome: boolean;
}

/** @returns Nothing where the home does not want it, or somebody else's mailbox is asked for. */
export async function keepSecretForHome(
  accounts: Pick<AccountLookup, 'getSite'>,
  { login, mailbox }: LookedUp,
  credentials: PersonalCredentials,
  protocol: MailProtocol,
): Promise<KeptSecret | undefined> {
  if (credentials.kind !== 'password') return undefined;
  if (login === undefined || mailbox !== undefined) return undefined;
  const { account, credentials: ownSecrets } = login;
  const found = await accounts.getSite(account.home);
  if (found.kind !== 'found' || !wantsPassword(found.site)) return undefined;
  const hasNoJudge =
    ownSecrets === undefined && account.ldap === undefined && account.isPasswordLoginOff !== true;
  const password = Uint8Array.from(credentials.password);
  return {
    password,
    isJudgedAtHome: hasNoJudge && admit(account, undefined, protocol).ok,
    [Symbol.dispose]: () => void password.fill(0),
  };
}

function wantsPassword({ foreign }: SiteRecord): boolean {
  return foreign?.login.kind === 'pass-through';
}
