/** A queue's way to workers, of this site and of others: one LMTP transaction for each attempt. */
import type { SiteName, SiteRecord } from '@homeward/directory';
import type {
  DeliveryOutcome,
  DeliveryRequest,
  Destination,
  RequestedRecipient,
  Transport,
} from '@homeward/mail-queue';
import { parseMailbox } from '@homeward/smtp/grammar';
import type { ServerReply } from '@homeward/smtp/upstream';
import type { LmtpLink } from './lmtp-link.ts';
import type { LmtpLinks } from './lmtp-links.ts';
import { findWorkerDoor } from './worker-door.ts';

export interface WorkerTransportParts {
  readonly links: Pick<LmtpLinks, 'begin'>;
  /** Rejects while the directory does not answer. */
  readonly getSite: (name: SiteName) => Promise<SiteRecord | undefined>;
}

type Deferral = Pick<DeliveryOutcome, 'text' | 'remote' | 'isDestinationAway' | 'mayHaveArrived'>;

/** Holds nothing itself. */
export class WorkerTransport implements Transport {
  readonly #parts: WorkerTransportParts;

  constructor(parts: WorkerTransportParts) {
    this.#parts = parts;
  }

  /** @param destination Of kind `worker`. */
  async deliver(
    destination: Destination,
    request: DeliveryRequest,
    signal: AbortSignal,
  ): Promise<readonly DeliveryOutcome[]> {
    if (destination.kind !== 'worker') throw new Error('this is a way to workers alone');
    const site = await this.#parts.getSite(destination.site as SiteName);
    const door = site && findWorkerDoor(site, destination.workerIndex);
    if (door === undefined) {
      return deferAll(request, { text: 'That worker takes no mail by LMTP', remote: '' });
    }
    const remote = door.serverName;
    const sender = request.sender === '' ? undefined : parseMailbox(request.sender);
    const parameters = { ...request.parameters, sizeBytes: request.sizeBytes };
    const began = await this.#parts.links.begin(door, { sender, parameters }, signal);
    if (!began.ok) {
      const { reply, isAway } = began;
      const outcome = outcomeOf(reply, remote);
      return request.recipients.map(() => ({
        ...outcome,
        ...(isAway && { isDestinationAway: true }),
      }));
    }
    const abort = (): void => began.link.hurry();
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    try {
      return await runTransaction(began.link, request, remote);
    } finally {
      signal.removeEventListener('abort', abort);
      // Cuts the connection where the message could not be read to its end.
      began.link.release();
    }
  }
}

async function runTransaction(
  link: LmtpLink,
  request: DeliveryRequest,
  remote: string,
): Promise<readonly DeliveryOutcome[]> {
  const judged = await Promise.all(request.recipients.map((one) => offer(link, one)));
  const isTaken = judged.map(({ code }) => code === 250 || code === 251);
  if (!isTaken.includes(true)) {
    await link.client.reset();
    return judged.map((reply) => outcomeWithout(reply, remote));
  }
  const start = await link.startMessage();
  if (start.code !== 354) {
    await link.client.reset();
    return judged.map((reply, index) =>
      outcomeWithout(isTaken[index] === true ? start : reply, remote),
    );
  }
  const { isWhole, replies } = await sendMessage(link, request);
  const left = replies.values();
  return judged.map((reply, index) => {
    const final = isTaken[index] === true ? left.next().value : undefined;
    if (final === undefined) return outcomeWithout(reply, remote);
    const outcome = outcomeOf(final, remote);
    return isWhole && final.isLost ? { ...outcome, mayHaveArrived: true } : outcome;
  });
}

function offer(link: LmtpLink, { address, parameters }: RequestedRecipient): Promise<ServerReply> {
  const path = parseMailbox(address);
  if (path !== undefined) return link.client.recipient(path, parameters);
  const lines = ['The address is no mailbox'];
  return Promise.resolve({ code: 553, enhanced: '5.1.3', lines, isLost: false });
}

async function sendMessage(
  link: LmtpLink,
  request: DeliveryRequest,
): Promise<{ readonly isWhole: boolean; readonly replies: readonly ServerReply[] }> {
  for await (const piece of request.readMessage()) {
    await link.write(piece);
    if (link.client.lost !== undefined) break;
  }
  const isWhole = link.client.lost === undefined;
  return { isWhole, replies: await link.endMessage() };
}

function outcomeOf({ code, enhanced, lines }: ServerReply, remote: string): DeliveryOutcome {
  const reply = { code, enhanced, text: lines.join(' '), remote };
  if (code >= 500) return { kind: 'failed', ...reply };
  // A worker answers when the mailbox has it, durably.
  return code >= 200 && code < 300
    ? { kind: 'delivered', ...reply }
    : { kind: 'deferred', ...reply };
}

/** Of who was not sent the message: whatever was said, he does not have it. */
function outcomeWithout(reply: ServerReply, remote: string): DeliveryOutcome {
  const outcome = outcomeOf(reply, remote);
  if (outcome.kind !== 'delivered') return outcome;
  return { kind: 'deferred', code: 451, enhanced: '4.5.0', text: outcome.text, remote };
}

function deferAll({ recipients }: DeliveryRequest, deferral: Deferral): DeliveryOutcome[] {
  return recipients.map(() => ({ kind: 'deferred', code: 451, enhanced: '4.4.1', ...deferral }));
}
