/** What the two ways have in common on which mail comes in: submission and LMTP. */
import type { QueueIntake } from '@homeward/mail-queue';
import type { DirectoryView } from '@homeward/directory';
import type { SessionEvent } from '@homeward/smtp/session';
import type { Delivery } from '../delivery/create-delivery.ts';
import type { DistributionParts } from '../delivery/distribution.ts';
import type { BackEndSettings } from '../settings.ts';
import type { ProcessParts } from './process-parts.ts';

export interface IntakeParts extends ProcessParts {
  /** Those in force. */
  readonly settings: () => BackEndSettings;
  readonly delivery: Delivery;
  readonly queue: QueueIntake;
  /** What this server calls itself. */
  readonly serverName: () => string;
  readonly view: Pick<DirectoryView, 'findAccount' | 'getSite'>;
}

/** What both have of a message that comes in. */
export function sharedParts({ delivery, queue, serverName, clock, log }: IntakeParts): Delivery & {
  readonly openSpool: QueueIntake['openSpool'];
  readonly distribution: DistributionParts;
  readonly serverName: () => string;
  readonly nowMs: () => number;
} {
  return {
    ...delivery,
    openSpool: (sizeBytes) => queue.openSpool(sizeBytes),
    distribution: {
      local: delivery.local,
      enqueue: (message, envelope) => queue.enqueue(message, envelope),
      onFault: (error) => log.log('delivery.failed', { error }),
    },
    serverName,
    nowMs: () => clock.nowMs(),
  };
}

export function logFault(log: ProcessParts['log'], event: SessionEvent): void {
  if (event.kind !== 'failed') return;
  log.log('session.failed', { command: event.command, error: event.error });
}
