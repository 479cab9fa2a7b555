/**
 * The client's own password, kept beyond its verification for the one case that needs it: a home
 * that runs other software and wants that very password. Everybody else's is overwritten by
 * `verifySecret`, and never comes here.
 */
import type { SiteRecord } from '@homeward/directory';
import type { LoginDeadline } from '@homeward/login-guards';
import type { LookedUp, PersonalCredentials } from '../login/look-up.ts';
import { admit } from '../login/policy.ts';
import type { AccountLookup, MailProtocol, SecretVerifier } from '../login/ports.ts';

/** Dispose of it in any case: that overwrites it. */
export interface KeptSecret extends Disposable {
  readonly password: Uint8Array;
  /**
   * Neither we nor LDAP know a password of the account, so whether this one is right is the home's to say. Only
   * for accounts that would be let in: others are told no by us, in the usual time.
   */
  readonly isJudgedAtHome: boolean;
  /** It would be, had the home the protocol. */
  readonly isUnserved: boolean;
  /** The home has it now: the login waits for the answer, however long wrong passwords take there. */
  shown(): void;
}

/**
 * Homes take their time to say that a password is wrong: Courier five seconds, always; Exchange's
 * connectors as long (`TarpitInterval`); Dovecot up to 17 where there were many. A login that ran
 * out of time before would count as no guess, and against the home.
 */
const JUDGEMENT_MS = 20_000;

/** Of those that a login needs. */
export interface KeepingPorts {
  readonly accounts: Pick<AccountLookup, 'getSite'>;
  readonly verifier: Pick<SecretVerifier, 'findAppPassword'>;
}

/**
 * @returns Nothing where the home does not want it or does not know it, as an app password, or
 *   somebody else's mailbox is asked for.
 */
export async function keepSecretForHome(
  { accounts, verifier }: KeepingPorts,
  { login, mailbox }: LookedUp,
  credentials: PersonalCredentials,
  protocol: MailProtocol,
  deadline: Pick<LoginDeadline, 'extend'>,
): Promise<KeptSecret | undefined> {
  if (credentials.kind !== 'password') return undefined;
  if (login === undefined || mailbox !== undefined) return undefined;
  if (verifier.findAppPassword(login, credentials.password, protocol) !== undefined) {
    return undefined;
  }
  const { account, credentials: ownSecrets } = login;
  const found = await accounts.getSite(account.home);
  if (found.kind !== 'found' || !wantsPassword(found.site)) return undefined;
  const hasNoJudge =
    ownSecrets === undefined && account.ldap === undefined && account.isPasswordLoginOff !== true;
  const isUnserved = found.site.foreign?.[protocol] === undefined;
  const password = Uint8Array.from(credentials.password);
  return {
    password,
    isJudgedAtHome: hasNoJudge && !isUnserved && admit(account, undefined, protocol).ok,
    isUnserved: hasNoJudge && isUnserved,
    shown: () => deadline.extend(JUDGEMENT_MS),
    [Symbol.dispose]: () => void password.fill(0),
  };
}

/**
 * Whether a secret that nobody has judged yet is to be judged by nobody: the home was to do it, and
 * by its record of now it is another, or takes a ticket or a master's word for the client.
 */
export function isJudgedByNobody(kept: KeptSecret | undefined, site: SiteRecord): boolean {
  return kept?.isJudgedAtHome === true && !wantsPassword(site);
}

function wantsPassword({ foreign }: SiteRecord): boolean {
  return foreign?.login.kind === 'pass-through';
}
