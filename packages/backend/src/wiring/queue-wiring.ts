/** Joins mail on its way with the packages that carry it: queue, LMTP, smart hosts. */
import { join } from 'node:path';
import type { DirectoryDriver, DirectoryView } from '@homeward/directory';
import { createDeliveryTls, LmtpLinks, WorkerTransport } from '@homeward/home-delivery';
import { openSiteQueue, type SiteQueue } from '@homeward/mail-queue';
import { ClientTls } from '@homeward/net';
import { SmartHostTransport } from '@homeward/smart-hosts';
import type { BackEndConfig } from '../config.ts';
import { createMailRouter } from '../delivery/mail-router.ts';
import { createMailTransport } from '../delivery/mail-transport.ts';
import type { Delivery } from '../delivery/create-delivery.ts';
import { createQueueReport, watchQueue } from '../delivery/queue-report.ts';
import { queueSettingsOf } from '../delivery/queue-schema.ts';
import type { BackEndSettings } from '../settings.ts';
import type { WorkerParts } from './process-parts.ts';

/** What it is made of beside what the worker has. */
export interface MailQueueParts extends WorkerParts {
  /** Those in force. */
  readonly settings: () => BackEndSettings;
  readonly delivery: Delivery;
  readonly view: Pick<DirectoryView, 'getSite'>;
  readonly driver: Pick<DirectoryDriver, 'getSite'>;
  /** What this server calls itself. */
  readonly serverName: () => string;
}

/** Leaves to `stack` what is to be closed. */
export async function openMailQueue(
  parts: MailQueueParts,
  stack: AsyncDisposableStack,
): Promise<SiteQueue> {
  const { config, workerIndex, settings, delivery, view, clock, log, metrics } = parts;
  const outside = new SmartHostTransport({
    clock,
    createTls: (options) => new ClientTls(options),
    settings: () => settings().relay,
    onAvailability: (host, isAvailable, reason) =>
      log.log('smart-host.changed', { host, isAvailable: String(isAvailable), reason }),
  });
  stack.defer(() => outside.close());
  const links = new LmtpLinks({
    tls: readDeliveryTls(config),
    wheel: parts.wheel,
    clientName: parts.serverName(),
  });
  stack.defer(() => links.close());
  const lmtp = new WorkerTransport({ links, getSite: (name) => parts.driver.getSite(name) });
  const queue = await openSiteQueue({
    root: join(config.volumeFolder, 'queue'),
    workerIndex,
    workerCount: config.workers.length,
    clock,
    settings: () => queueSettingsOf(settings().queue),
    router: createMailRouter({ addresses: delivery.addresses, view }),
    transport: createMailTransport({
      ...delivery,
      site: config.site,
      workerIndex,
      lmtp,
      outside,
      onFault: (error) => log.log('delivery.failed', { error }),
    }),
    identity: () => ({
      reportingMta: parts.serverName(),
      from: `postmaster@${ownDomain(settings())}`,
    }),
    report: createQueueReport(log, metrics),
  });
  stack.defer(() => queue.close());
  watchQueue(queue, metrics, () => clock.nowMs());
  return queue;
}

/** The first domain that is ours without a doubt, as Exchange's default accepted domain. */
function ownDomain({ mail, submission }: BackEndSettings): string {
  const domains = Object.entries(mail.acceptedDomains);
  const own = domains.find(([name, kind]) => kind === 'authoritative' && !name.startsWith('*'));
  return own?.[0] ?? submission.serverName;
}

/** Read anew when the files are; without any, mail to other workers waits. */
function readDeliveryTls({ control }: BackEndConfig): () => Promise<ClientTls> {
  const { clientCaFile, certFile, keyFile } = control;
  if (clientCaFile === undefined || certFile === undefined || keyFile === undefined) {
    return () => Promise.reject(new Error('control.certFile is not set'));
  }
  const files = { caFile: clientCaFile, certFile, keyFile };
  return createDeliveryTls(files, (options) => new ClientTls(options));
}
