/**
 * Home site to shard to worker, or to the hosts of a site that runs other software. Nobody is
 * ever routed to a guess: what the directory does not say is a fault.
 */
import {
  shardOf,
  workerFor,
  type AccountRecord,
  type ForeignDoor,
  type ForeignSite,
  type SiteRecord,
  type WorkerAddress,
} from '@homeward/directory';
import type { LoginFault } from './login-fault.ts';
import type { AccountLookup, InnerTarget, MailProtocol } from './ports.ts';

/** Where a session is to be opened, and the record that says so. */
export type Route = OwnRoute | ForeignRoute;

export interface OwnRoute {
  readonly ok: true;
  readonly kind: 'own';
  readonly target: InnerTarget;
  /** In the site's record. */
  readonly workerIndex: number;
  readonly site: SiteRecord;
}

export interface ForeignRoute {
  readonly ok: true;
  readonly kind: 'foreign';
  readonly door: ForeignDoor;
  readonly site: SiteRecord & { readonly foreign: ForeignSite };
}

/** @returns The one worker that owns the account's mailbox, or the hosts that all serve it. */
export async function routeToHome(
  accounts: Pick<AccountLookup, 'getSite'>,
  account: AccountRecord,
  protocol: MailProtocol,
): Promise<Route | LoginFault> {
  const found = await accounts.getSite(account.home);
  switch (found.kind) {
    case 'found':
      return routeWithin(found.site, account.id, protocol);
    case 'unknown':
      return { ok: false, reason: 'site-unknown', logDetail: account.home };
    case 'unavailable':
      return { ok: false, reason: 'directory-unavailable', logDetail: 'site' };
  }
}

/** Whether both lead to the same place by the same way. */
export function isSameRoute(one: Route, other: Route | undefined): boolean {
  if (one.kind === 'own' && other?.kind === 'own') {
    return one.target.host === other.target.host && one.target.port === other.target.port;
  }
  // Any change of such a site's record may be the one that lets the account in.
  if (one.kind === 'own' || other?.kind !== 'foreign') return false;
  return one.site.name === other.site.name && one.site.version === other.site.version;
}

function routeWithin(
  site: SiteRecord,
  accountId: AccountRecord['id'],
  protocol: MailProtocol,
): Route | LoginFault {
  const { foreign } = site;
  if (foreign !== undefined) return routeToForeign({ ...site, foreign }, protocol);
  const owner = workerFor(site, accountId);
  if (owner === undefined) {
    return {
      ok: false,
      reason: 'shard-unassigned',
      logDetail: `${site.name}, shard ${shardOf(accountId)}, table ${site.shardTable.version}`,
    };
  }
  const doors = doorsOf(owner.address, protocol);
  if (doors === undefined) {
    const logDetail = `${site.name}, worker ${owner.workerIndex}: no port for ${protocol}`;
    return { ok: false, reason: 'site-without-protocol', logDetail };
  }
  return {
    ok: true,
    kind: 'own',
    site,
    workerIndex: owner.workerIndex,
    target: {
      protocol,
      site: site.name,
      serverName: site.serverName,
      host: owner.address.host,
      ...doors,
    },
  };
}

/** Where a worker takes front ends for a protocol; undefined: nowhere. */
export function doorsOf(
  address: WorkerAddress,
  protocol: MailProtocol,
): Pick<InnerTarget, 'port' | 'plainPort'> | undefined {
  switch (protocol) {
    case 'imap':
      return { port: address.imapsPort, plainPort: address.imapPort };
    case 'pop3':
      return { port: address.pop3sPort, plainPort: address.pop3Port };
    case 'submission': {
      const { submissionsPort: port, submissionPort: plainPort } = address;
      return port === undefined ? undefined : { port, plainPort };
    }
  }
}

function routeToForeign(site: ForeignRoute['site'], protocol: MailProtocol): Route | LoginFault {
  const door = site.foreign[protocol];
  if (door !== undefined) return { ok: true, kind: 'foreign', site, door };
  const logDetail = `${site.name} does not serve ${protocol}`;
  return { ok: false, reason: 'protocol-not-enabled', logDetail };
}
