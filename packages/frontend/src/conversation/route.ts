/**
 * Home site to shard to worker. Nobody is ever routed to a guess: what the directory does not
 * say is a fault.
 */
import { shardOf, workerFor, type AccountRecord, type SiteRecord } from '@homeward/directory';
import type { LoginFault } from './login-fault.ts';
import type { AccountLookup, InnerTarget, MailProtocol } from './ports.ts';

/** Where a session is to be opened, and the record that says so. */
export interface Route {
  readonly ok: true;
  readonly target: InnerTarget;
  readonly site: SiteRecord;
}

/** @returns The one worker that owns the account's mailbox. */
export async function routeToHome(
  accounts: Pick<AccountLookup, 'getSite'>,
  account: AccountRecord,
  protocol: MailProtocol,
): Promise<Route | LoginFault> {
  const found = await accounts.getSite(account.home);
  switch (found.kind) {
    case 'found':
      return targetOf(found.site, account.id, protocol);
    case 'unknown':
      return { ok: false, reason: 'site-unknown', logDetail: account.home };
    case 'unavailable':
      return { ok: false, reason: 'directory-unavailable', logDetail: 'site' };
  }
}

function targetOf(
  site: SiteRecord,
  accountId: AccountRecord['id'],
  protocol: MailProtocol,
): Route | LoginFault {
  const owner = workerFor(site, accountId);
  if (owner === undefined) {
    return {
      ok: false,
      reason: 'shard-unassigned',
      logDetail: `${site.name}, shard ${shardOf(accountId)}, table ${site.shardTable.version}`,
    };
  }
  const { host, imapsPort, pop3sPort } = owner.address;
  return {
    ok: true,
    site,
    target: {
      protocol,
      site: site.name,
      serverName: site.serverName,
      host,
      port: protocol === 'imap' ? imapsPort : pop3sPort,
    },
  };
}
