/** The certificates that front ends and other workers see, and whom they are asked to be. */
import { openServerTls, type ServerTls } from '@homeward/net';
import { StartError } from '../start-error.ts';
import type { WorkerParts } from './process-parts.ts';

/** Opens it for all ports but that of delivery; the stack closes it. */
export async function openTls(
  { config, clock, log, metrics }: WorkerParts,
  stack: AsyncDisposableStack,
): Promise<ServerTls> {
  const reloads = metrics.counter('homeward_tls_reloads_total');
  const opened = await openServerTls({
    certificates: config.tls.certificates,
    minVersion: config.tls.minVersion,
    ticketKeysFile: config.tls.ticketKeysFile,
    nowMs: () => clock.nowMs(),
    clock,
    onReload: (outcome) => {
      reloads.add({ outcome: outcome.ok ? 'loaded' : 'rejected' });
      if (outcome.ok) {
        log.log('certificate.loaded', {
          names: outcome.certificates.flatMap(({ names }) => names),
        });
      } else {
        const { file, reason, detail } = outcome;
        log.log('certificate.rejected', { file, reason, detail });
      }
    },
  });
  if (!opened.ok) {
    throw new StartError(`tls.certificates: ${opened.file}: ${opened.reason} (${opened.detail})`);
  }
  const { tls } = opened;
  stack.defer(() => tls.close());
  const expiry = metrics.gauge('homeward_tls_certificate_expiry_timestamp_seconds');
  expiry.read({}, () => Math.min(...tls.certificates.map(({ notAfterMs }) => notAfterMs)) / 1_000);
  return tls;
}

/**
 * For the port where mail is delivered: who has no certificate of the authority is refused.
 *
 * @returns undefined where there is no such port.
 */
export async function openDeliveryTls(
  { config, workerIndex, clock }: WorkerParts,
  stack: AsyncDisposableStack,
): Promise<ServerTls | undefined> {
  const { clientCaFile } = config.control;
  const lmtps = config.workers[workerIndex]?.lmtps;
  if (lmtps === undefined || clientCaFile === undefined) return undefined;
  const { certificates, minVersion } = config.tls;
  const nowMs = (): number => clock.nowMs();
  const opened = await openServerTls({ certificates, minVersion, clientCaFile, nowMs, clock });
  if (!opened.ok) {
    const { file, reason, detail } = opened;
    throw new StartError(`control.clientCaFile: ${file}: ${reason} (${detail})`);
  }
  stack.defer(() => opened.tls.close());
  return opened.tls;
}
