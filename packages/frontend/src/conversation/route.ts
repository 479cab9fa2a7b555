/**
 * Home site to shard to worker. Nobody is ever routed to a guess: what the directory does not
 * say is a fault.
 */
import { shardOf, workerFor, type AccountRecord, type SiteRecord } from '@homeward/directory';
import { askDirectory } from './look-up.ts';
import type { LoginFault } from './login-fault.ts';
import type { AccountLookup, InnerTarget, MailProtocol } from './ports.ts';

/** @returns The one worker that owns the account's mailbox. */
export async function routeToHome(
  accounts: AccountLookup,
  record: AccountRecord,
  protocol: MailProtocol,
): Promise<{ readonly ok: true; readonly target: InnerTarget } | LoginFault> {
  const answer = await askDirectory(async () => ({
    ok: true as const,
    site: await accounts.getSite(record.home),
  }));
  if (!answer.ok) return answer;
  if (answer.site === undefined) {
    return { ok: false, reason: 'site-unknown', logDetail: record.home };
  }
  return targetOf(answer.site, record.id, protocol);
}

function targetOf(
  site: SiteRecord,
  accountId: AccountRecord['id'],
  protocol: MailProtocol,
): { readonly ok: true; readonly target: InnerTarget } | LoginFault {
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
    target: {
      protocol,
      site: site.name,
      serverName: site.serverName,
      host,
      port: protocol === 'imap' ? imapsPort : pop3sPort,
    },
  };
}
