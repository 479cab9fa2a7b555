/** In which order an account tries the hosts of a site: the same for everybody who asks. */
import { createHash } from 'node:crypto';
import type { AccountId } from '../ports.ts';
import type { SiteHost } from './foreign-site.ts';

/**
 * Rendezvous hashing: each account has an order of its own, in which its first host is its home
 * host. A host that is added or goes moves only the accounts whose first host it is.
 */
export function orderHosts(hosts: readonly SiteHost[], accountId: AccountId): readonly SiteHost[] {
  if (hosts.length < 2) return hosts;
  return hosts
    .map((host) => ({ host, weight: weigh(host, accountId) }))
    .toSorted((a, b) => Buffer.compare(b.weight, a.weight))
    .map(({ host }) => host);
}

function weigh({ host, port }: SiteHost, accountId: AccountId): Buffer {
  return createHash('sha256').update(`${accountId} ${host.toLowerCase()} ${port}`).digest();
}
