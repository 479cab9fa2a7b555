/** For operators' commands: greets the hosts of a site of other software as logins do, and leaves. */
import type { SiteRecord } from '@homeward/directory';
import { ClientTls, DeadlineWheel, OwnAddresses } from '@homeward/net';
import type { Clock } from '@homeward/service';
import { createForeignDialler } from '../adapters/foreign-dialler.ts';
import { createForeignDialogue } from '../foreign/create-foreign-dialogue.ts';
import { type ForeignGreeting, greetForeignHome } from '../foreign/greet-foreign-home.ts';
import { targetOf } from '../foreign/foreign-order.ts';
import type { MailProtocol } from '../login/ports.ts';

/** What one host said. */
export type HostAnswer = { readonly host: string; readonly durationMs: number } & (
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly reason: Extract<ForeignGreeting, { ok: false }>['reason'];
      readonly detail: string;
    }
);

/**
 * Asks all hosts at once.
 *
 * @param limitMs For each.
 * @returns In the record's order; nothing for a site of our own, for a protocol that the site has
 *   not, and where hosts want a certificate that front ends alone have.
 */
export async function greetForeignHosts(
  site: SiteRecord,
  protocol: MailProtocol,
  limitMs: number,
  clock: Clock,
): Promise<readonly HostAnswer[]> {
  const { foreign } = site;
  const door = foreign?.[protocol];
  if (foreign === undefined || door === undefined) return [];
  if (foreign.trust.clientCertificate !== undefined) return [];
  const parts = {
    clock,
    createDialogue: createForeignDialogue,
    dialler: createForeignDialler({
      wheel: new DeadlineWheel(clock),
      certificates: {},
      ownAddresses: new OwnAddresses(),
      createTls: (options) => new ClientTls(options),
    }),
  };
  const announced = foreign.clientIdentity === 'proxy-v2' ? 'probe' : undefined;
  const { signal } = new AbortController();
  return Promise.all(
    door.hosts.map(async (place) => {
      const host = `${place.host}:${place.port}`;
      const target = targetOf({ protocol, site: { ...site, foreign }, door }, place);
      const startedAtMs = clock.elapsedMs();
      const greeted = await greetForeignHome(parts, target, announced, limitMs, signal);
      const durationMs = clock.elapsedMs() - startedAtMs;
      if (!greeted.ok) return { host, durationMs, ...greeted };
      greeted.connection.destroy();
      return { host, durationMs, ok: true as const };
    }),
  );
}
