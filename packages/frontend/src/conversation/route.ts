/**
 * Home site to shard to worker. Nobody is ever routed to a guess: what the directory does not
 * say is a fault.
 */
import type { AccountRecord, SiteRecord } from '@homeward/directory';
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
  return targetOf(answer.site, accounts.shardOf(record.id), protocol);
}

function targetOf(
  site: SiteRecord,
  shard: number,
  protocol: MailProtocol,
): { readonly ok: true; readonly target: InnerTarget } | LoginFault {
  const worker = site.workers[site.shardTable.workerOfShard[shard] ?? -1];
  if (worker === undefined) {
    return {
      ok: false,
      reason: 'shard-unassigned',
      logDetail: `${site.name} shard ${shard}, table version ${site.shardTable.version}`,
    };
  }
  return {
    ok: true,
    target: {
      protocol,
      site: site.name,
      serverName: site.serverName,
      host: worker.host,
      port: protocol === 'imap' ? worker.imapsPort : worker.pop3sPort,
    },
  };
}
