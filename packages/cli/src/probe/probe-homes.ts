/** Asks the hosts of a home of other software, so that a failed login says which of them is away. */
import { type AccountRecord, orderHosts, type SiteRecord } from '@homeward/directory';
import { greetForeignHosts, type HostAnswer, type MailProtocol } from '@homeward/frontend';
import { systemClock } from '@homeward/service';
import type { HomeHostView } from './probe-view.ts';

/** Of a login that has one host to go to. */
const LIMIT_MS = 4_000;

/** Where an account's mailbox is. */
export interface ProbedHome {
  readonly accountId: AccountRecord['id'];
  readonly site: SiteRecord;
}

/**
 * All hosts at once, up to the greeting.
 *
 * @param limitMs For the probe as a whole.
 * @returns In the order in which the account's logins go to them.
 */
export async function probeHomes(
  { accountId, site }: ProbedHome,
  protocol: MailProtocol,
  limitMs: number,
): Promise<readonly HomeHostView[]> {
  const { foreign } = site;
  const hosts = orderHosts(foreign?.[protocol]?.hosts ?? [], accountId);
  const names = hosts.map(({ host, port }) => `${host}:${port}`);
  const certificate = foreign?.trust.clientCertificate;
  if (certificate !== undefined) {
    const detail = `asks for the client certificate ${certificate}, which front ends alone have`;
    return names.map((host) => ({ host, result: 'Skipped', latencyMs: 0, detail }));
  }
  const limit = Math.min(limitMs, LIMIT_MS);
  const answers = await greetForeignHosts(site, protocol, limit, systemClock);
  return names.flatMap((name) => answers.filter(({ host }) => host === name).map(viewOf));
}

function viewOf(answer: HostAnswer): HomeHostView {
  const { host, durationMs: latencyMs } = answer;
  if (answer.ok) return { host, result: 'Success', latencyMs, detail: null };
  return { host, result: 'Failure', latencyMs, detail: `${answer.reason} (${answer.detail})` };
}
