/**
 * Whether a home answers now: a connection as a front end makes it, up to the greeting, and no
 * login. Nothing of it stays.
 */
import type { SiteRecord, WorkerAddress } from '@homeward/directory';
import { doorsOf, greetForeignHosts, type HostAnswer, type MailProtocol } from '@homeward/frontend';
import { type ClientTls, dial, type DeadlineWheel } from '@homeward/net';
import { systemClock } from '@homeward/service';

/** What came of it. */
export type HomeCheck = (
  | { readonly ok: true; readonly durationMs: number }
  | { readonly ok: false; readonly reason: string; readonly detail: string }
) & {
  /** Of a site of other software, which may have several. */
  readonly hosts?: readonly HostAnswer[];
};

/** Answers nothing for a protocol that the worker has no port for. */
export type HomeChecker = (
  site: Pick<SiteRecord, 'serverName'>,
  worker: WorkerAddress,
  protocol: MailProtocol,
) => Promise<HomeCheck | undefined>;

/** Less than a person waits for a command. */
const LIMIT_MS = 3_000;

/**
 * The same for a site of other software: one host that answers is enough.
 *
 * @returns Nothing where it is not asked: see `greetForeignHosts`.
 */
export async function checkForeignHome(
  site: SiteRecord,
  protocol: MailProtocol,
): Promise<HomeCheck | undefined> {
  const hosts = await greetForeignHosts(site, protocol, LIMIT_MS, systemClock);
  const [best] = hosts.toSorted((one, other) => Number(other.ok) - Number(one.ok));
  if (best === undefined) return undefined;
  if (best.ok) return { ok: true, durationMs: best.durationMs, hosts };
  return { ok: false, reason: best.reason, detail: best.detail, hosts };
}

/** @param clientTls Believes the deployment's own authority. */
export function createHomeChecker(clientTls: ClientTls, wheel: DeadlineWheel): HomeChecker {
  return async ({ serverName }, worker, protocol) => {
    const port = doorsOf(worker, protocol)?.port;
    if (port === undefined) return undefined;
    const { host } = worker;
    const startedAtMs = wheel.clock.elapsedMs();
    const outcome = await dial(
      { addresses: [{ host, port }], budgetMs: LIMIT_MS, tls: { client: clientTls, serverName } },
      wheel,
    );
    if (!outcome.ok) return outcome;
    const { stream } = outcome;
    stream.setIdleLimit(LIMIT_MS);
    const greeting = await stream.read();
    stream.destroy('checked');
    if (typeof greeting === 'string') {
      return { ok: false, reason: 'broke-off', detail: `${greeting} before the greeting` };
    }
    const isWelcome = /^(?:\* OK|\+OK|220)[ -]/.test(Buffer.from(greeting).toString('latin1'));
    if (!isWelcome) return { ok: false, reason: 'broke-protocol', detail: 'no greeting' };
    return { ok: true, durationMs: wheel.clock.elapsedMs() - startedAtMs };
  };
}
