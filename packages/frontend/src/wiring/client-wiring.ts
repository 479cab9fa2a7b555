/** What clients meet first: certificates and limits. */
import {
  createNetworkTest,
  type ConnectionLimits,
  openServerTls,
  type ServerTls,
} from '@homeward/net';
import type { FrontEndConfig } from '../config.ts';
import { StartError } from '../start-error.ts';
import type { ProcessParts } from './process-parts.ts';

export async function openTls(
  config: FrontEndConfig,
  { clock, log, metrics }: ProcessParts,
  stack: AsyncDisposableStack,
): Promise<ServerTls> {
  const reloads = metrics.counter('homeward_tls_reloads_total');
  const opened = await openServerTls({
    certificates: config.tls.certificates,
    minVersion: config.tls.minVersion,
    ticketKeysFile: config.tls.ticketKeysFile,
    nowMs: () => clock.nowMs(),
    clock,
    onReload(outcome) {
      reloads.add({ outcome: outcome.ok ? 'loaded' : 'rejected' });
      if (outcome.ok) {
        const files = outcome.certificates.map(({ certFile }) => certFile);
        log.log('certificate.loaded', { files });
      } else {
        const { file, reason, detail } = outcome;
        log.log('certificate.rejected', { file, reason, detail });
      }
    },
  });
  if (!opened.ok) {
    throw new StartError('tls.certificates', `${opened.file}: ${opened.reason}, ${opened.detail}`);
  }
  const { tls } = opened;
  stack.defer(() => tls.close());
  const expiry = metrics.gauge('homeward_tls_certificate_expiry_timestamp_seconds');
  expiry.read({}, () => Math.min(...tls.certificates.map(({ notAfterMs }) => notAfterMs)) / 1000);
  return tls;
}

export function acceptLimitsOf({
  total,
  perAddress,
  exemptNetworks,
}: FrontEndConfig['connectionLimits']): ConnectionLimits {
  return { total, perAddress, isExempt: createNetworkTest(exemptNetworks) };
}
