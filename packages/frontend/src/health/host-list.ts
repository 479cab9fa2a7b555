/** What a list of hosts with their states comes to, for health pages. */
import type { HomeHost } from './home-host.ts';
import type { HostReport } from './host-health.ts';

export type ListedHost = HomeHost & HostReport;

/** A site answers if one of its hosts does. A host counts once for each protocol. */
export interface HomeCounts {
  readonly sites: number;
  readonly sitesAnswering: number;
  readonly hosts: number;
  readonly hostsAnswering: number;
}

/** Of more the number is said. */
const NAMED_COUNT = 5;

/** @returns Nothing when all of them answer. */
export function nameFaults(hosts: readonly ListedHost[]): string | undefined {
  const down = hosts.filter(({ state }) => state === 'condemned');
  if (down.length === 0) return undefined;
  const named = down.slice(0, NAMED_COUNT).map(({ site, protocol, host, port, reason }) => {
    return `${site} (${protocol}) at ${host}:${port}: ${reason ?? 'no answer'}`;
  });
  const more = down.length > named.length ? ` and ${down.length - named.length} more` : '';
  return named.join('; ') + more;
}

export function countHosts(hosts: readonly ListedHost[]): HomeCounts {
  const answering = hosts.filter(({ state }) => state !== 'condemned');
  return {
    sites: countSites(hosts),
    sitesAnswering: countSites(answering),
    hosts: hosts.length,
    hostsAnswering: answering.length,
  };
}

function countSites(hosts: readonly ListedHost[]): number {
  return new Set(hosts.map(({ site }) => site)).size;
}
