/**
 * Asks the directory again when a home refused a ticket: the mailbox may have moved, or its shard
 * have gone to another worker, and the news not yet have come here. Whoever would be led to where
 * he has just been refused is not led there again.
 */
import type { LookedUp } from './look-up.ts';
import type { LoginFault } from './login-fault.ts';
import { admit, type Admission } from './policy.ts';
import type { AccountLookup, MailProtocol } from './ports.ts';
import { isSameRoute, type Route, routeToHome } from './route.ts';

/**
 * @param refused Which way led to the worker that refused.
 * @returns Who is to be let in, by records read just now; why not, if those say so; or nothing
 *   where they say what was known already, or the directory is away.
 */
export async function renewAdmission(
  admission: Admission,
  lookedUp: Pick<LookedUp, 'mailboxName'>,
  refused: Route | undefined,
  protocol: MailProtocol,
  { accounts }: { readonly accounts: AccountLookup },
): Promise<Admission | LoginFault | undefined> {
  const [found, site] = await Promise.all([
    accounts.rereadAccount(lookedUp.mailboxName, admission.mailbox),
    accounts.rereadSite(admission.mailbox.home, refused?.site),
  ]);
  if (found.kind !== 'found' || site.kind === 'unavailable') return undefined;
  const { account } = found.record;
  const isOwn = admission.account.id === admission.mailbox.id;
  // The name is another's by now: it is not his secret that was right.
  if (isOwn && account.id !== admission.account.id) return undefined;
  const renewed = isOwn
    ? admit(account, undefined, protocol)
    : admit(admission.account, found, protocol);
  if (!renewed.ok) return renewed;
  const route = await routeToHome(accounts, renewed.mailbox, protocol);
  const isSame =
    renewed.mailbox.id === admission.mailbox.id &&
    renewed.mailbox.epoch === admission.mailbox.epoch &&
    route.ok &&
    isSameRoute(route, refused);
  return isSame ? undefined : renewed;
}
