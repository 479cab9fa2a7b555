/**
 * Who takes the mail of one LMTP session (RFC 2033): mailboxes of this worker alone, with an answer
 * for each, and groups, whose members elsewhere are queued. Who may deliver has shown a certificate of the deployment; whom the message is from is
 * not asked.
 */
import type { QueueIntake, SpooledMessage } from '@homeward/mail-queue';
import { formatMailbox, type MailParameters, type MailPath } from '@homeward/smtp/grammar';
import type { Envelope, MailPort, MessageSink, Receipt, Refusal } from '@homeward/smtp/session';
import { ArrivingMail } from '../delivery/arriving-mail.ts';
import { distribute, type DistributionParts } from '../delivery/distribution.ts';
import { RecipientList, type RecipientListParts } from '../delivery/recipient-list.ts';
import type { TakenMessage } from '../delivery/taken-message.ts';
import { prepareDeliveredHeader } from './delivered-header.ts';

export interface LmtpPortParts {
  readonly recipients: RecipientListParts;
  readonly openSpool: QueueIntake['openSpool'];
  readonly distribution: DistributionParts;
  readonly serverName: () => string;
  readonly makeReference: () => string;
  readonly nowMs: () => number;
  readonly onTaken: (message: TakenMessage) => void;
}

/** One session's. */
export class LmtpPort implements MailPort {
  readonly #parts: LmtpPortParts;
  readonly #recipients: RecipientList;

  constructor(parts: LmtpPortParts) {
    this.#parts = parts;
    this.#recipients = new RecipientList(parts.recipients);
  }

  async judgeSender(
    sender: MailPath | undefined,
    { sizeBytes }: MailParameters,
  ): Promise<undefined> {
    const address = sender && formatMailbox(sender);
    this.#recipients.start({ account: undefined, address }, sizeBytes);
  }

  judgeRecipient(recipient: MailPath): Promise<Refusal | undefined> {
    return this.#recipients.judge(formatMailbox(recipient));
  }

  async openMessage(envelope: Envelope): Promise<MessageSink | Refusal> {
    const { openSpool, serverName, nowMs, makeReference } = this.#parts;
    const reference = makeReference();
    return new ArrivingMail({
      reference,
      spool: openSpool(envelope.parameters.sizeBytes),
      recipientCount: envelope.recipients.length,
      prepareHeader: async (header) =>
        prepareDeliveredHeader(header, {
          clientName: envelope.clientName,
          serverName: serverName(),
          reference,
          nowMs: nowMs(),
        }),
      deliver: (message) => this.#deliver(message, envelope, reference),
    });
  }

  async #deliver(
    message: SpooledMessage,
    { sender, parameters, recipients }: Envelope,
    reference: string,
  ): Promise<Receipt> {
    const { sizeBytes } = message;
    const { addressees, behind } = this.#recipients.address(recipients);
    const from = sender === undefined ? '' : formatMailbox(sender);
    const { refusals, deliveredCount, queuedCount } = await distribute(
      message,
      { reference, sender: from, parameters },
      addressees,
      this.#parts.distribution,
    );
    const recipientCount = addressees.length;
    this.#parts.onTaken({ reference, sizeBytes, recipientCount, deliveredCount, queuedCount });
    return {
      reference,
      refusals: behind.map((indexes) => {
        const failed = indexes.find((index) => refusals[index] !== undefined);
        return failed === undefined ? undefined : refusals[failed];
      }),
    };
  }
}
