/** How queued mail gets to where the router says it belongs: into a mailbox here, or further. */
import type { MailAddresses } from '@homeward/directory';
import type {
  DeliveryOutcome,
  DeliveryRequest,
  RequestedRecipient,
  Transport,
} from '@homeward/mail-queue';
import { DIRECTORY_AWAY, type Refusal } from '@homeward/smtp/session';
import { MAILBOX_AWAY, NOT_HERE, refusalOfAddress } from './delivery-refusals.ts';
import type { LocalDelivery, LocalRecipient } from './local-delivery.ts';
import { mapBounded } from './map-bounded.ts';

export interface MailTransportParts {
  readonly site: string;
  readonly workerIndex: number;
  readonly addresses: Pick<MailAddresses, 'resolveRecipient'>;
  readonly local: Pick<LocalDelivery, 'deliver'>;
  readonly isLocal: (recipient: Pick<LocalRecipient, 'account'>) => boolean;
  /** To other workers. */
  readonly lmtp: Transport;
  /** To everywhere else. */
  readonly outside: Transport;
  /** A bug, or a disk that fails. */
  readonly onFault: (error: unknown) => void;
}

const AT_ONCE_COUNT = 4;
const STOPPING: Refusal = { code: 451, enhanced: '4.3.2', text: 'The service stops' };

export function createMailTransport(parts: MailTransportParts): Transport {
  return {
    deliver(destination, request, signal) {
      if (destination.kind === 'elsewhere') {
        return parts.outside.deliver(destination, request, signal);
      }
      const isOwn =
        destination.site === parts.site && destination.workerIndex === parts.workerIndex;
      if (!isOwn) return parts.lmtp.deliver(destination, request, signal);
      return mapBounded(request.recipients, AT_ONCE_COUNT, async (recipient) =>
        signal.aborted ? outcomeOf(STOPPING) : deliverHere(recipient, request, parts),
      );
    },
  };
}

async function deliverHere(
  { address }: RequestedRecipient,
  request: DeliveryRequest,
  parts: MailTransportParts,
): Promise<DeliveryOutcome> {
  const found = await parts.addresses.resolveRecipient(address);
  if (found.kind === 'unavailable') return outcomeOf(DIRECTORY_AWAY);
  if (found.kind === 'unknown') return outcomeOf(refusalOfAddress(found.reason));
  const recipient = found.kind === 'mailbox' ? { ...found, address } : undefined;
  // It moved between two looks: the next attempt goes elsewhere.
  if (recipient === undefined || !parts.isLocal(recipient)) return outcomeOf(NOT_HERE);
  try {
    return outcomeOf(await parts.local.deliver(recipient, request.sender, request));
  } catch (error) {
    // The others have theirs, and must not get it again at every attempt.
    parts.onFault(error);
    return outcomeOf(MAILBOX_AWAY);
  }
}

function outcomeOf(refusal: Refusal | undefined): DeliveryOutcome {
  if (refusal === undefined) {
    return { kind: 'delivered', code: 250, enhanced: '2.1.5', text: 'Delivered', remote: '' };
  }
  return { kind: refusal.code < 500 ? 'deferred' : 'failed', ...refusal, remote: '' };
}
