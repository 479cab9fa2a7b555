/** Login names to accounts: who logs in, and whose mailbox he wants. */
import { type LoginLookup, type LoginRecord, readLoginIdentities } from '@homeward/directory';
import type { DirectLoginParts } from './direct-parts.ts';
import type { LoginRefused } from './login.ts';

/** Who was found under the names of a login. */
export interface FoundPeople {
  readonly ok: true;
  /** Undefined when nobody has that name. */
  readonly person: LoginRecord | undefined;
  /** Another's mailbox that is asked for; undefined: none is. */
  readonly other: LoginLookup | undefined;
}

/** A directory that is away is told apart from an account that is not there. */
export async function findPeople(
  { loginName, actAs }: { readonly loginName: string; readonly actAs?: string | undefined },
  { accounts }: Pick<DirectLoginParts, 'accounts'>,
): Promise<FoundPeople | LoginRefused> {
  const identities = readLoginIdentities(loginName, actAs);
  if (identities.kind === 'invalid') return { ok: true, person: undefined, other: undefined };
  const [found, other] = await Promise.all([
    accounts.lookUpLogin(identities.name),
    identities.kind === 'delegate' ? accounts.lookUpLogin(identities.mailbox) : undefined,
  ]);
  if (found.kind === 'unavailable') return { ok: false, reason: 'directory-away' };
  return { ok: true, person: found.kind === 'found' ? found.record : undefined, other };
}
