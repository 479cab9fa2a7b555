/** How people's own sessions are counted, and ended when an operator wants it. */
import { randomBytes } from 'node:crypto';
import { pid } from 'node:process';
import { formatLeaseOwner, siteAsFrontEnd } from '@homeward/directory';
import { createNetworkSetting, SessionEndDesk, sessionLimitsFor } from '@homeward/login-guards';
import { DirectSessions } from '../connection/direct-sessions.ts';
import { createSessionClaims, type SessionClaims } from '../login/session-claims.ts';
import type { BackEndSettings } from '../settings.ts';
import type { DirectoryParts } from './directory-wiring.ts';
import type { WorkerParts } from './process-parts.ts';

export interface CountParts {
  readonly claim: SessionClaims;
  readonly sessions: DirectSessions;
}

const MARK_BYTES = 4;

/** Opens what counts them, in the registry of all front ends; the stack closes it. */
export async function openCounts(
  { site, driver }: Pick<DirectoryParts, 'site' | 'driver'>,
  settings: () => BackEndSettings,
  { clock, log }: WorkerParts,
  stack: AsyncDisposableStack,
): Promise<CountParts> {
  const frontEnd = siteAsFrontEnd(site);
  const owner = formatLeaseOwner(frontEnd, pid, randomBytes(MARK_BYTES).toString('hex'));
  const registry = await driver.openLease(owner);
  stack.defer(() => registry.close());
  const addresses = await driver.openAddressLease(owner);
  stack.defer(() => addresses.close());
  const exempt = createNetworkSetting();
  const sessions = new DirectSessions(site);
  const desk = new SessionEndDesk({
    driver,
    leaseId: registry.id,
    frontEnd,
    end: (request) => sessions.endMeant(request),
    log,
  });
  stack.defer(() => desk.close());
  await desk.look();
  return {
    sessions,
    claim: createSessionClaims({
      registry,
      addresses,
      site,
      limitsFor: (clientAddress, perUser) =>
        sessionLimitsFor(settings().connectionLimits, exempt, clientAddress, perUser),
      nowMs: () => clock.nowMs(),
    }),
  };
}
