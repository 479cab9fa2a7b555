/**
 * Who takes the mail of one submission session (RFC 6409): holds the sender to addresses that are
 * his, looks each recipient up, keeps to the account's rates, completes the header, and sends the
 * message on its way before the client hears 250.
 */
import type { AccountId, AccountRecord, DirectoryView, MailAddresses } from '@homeward/directory';
import type { QueueIntake, SpooledMessage } from '@homeward/mail-queue';
import { formatMailbox, type MailParameters, type MailPath } from '@homeward/smtp/grammar';
import {
  DIRECTORY_AWAY,
  type Envelope,
  type MailPort,
  type MessageSink,
  type Receipt,
  type Refusal,
} from '@homeward/smtp/session';
import { ArrivingMail } from '../delivery/arriving-mail.ts';
import { distribute, type DistributionParts } from '../delivery/distribution.ts';
import { RecipientList, type RecipientListParts } from '../delivery/recipient-list.ts';
import type { TakenMessage } from '../delivery/taken-message.ts';
import type { Login } from '../login/login.ts';
import { prepareHeader } from './prepare-header.ts';
import type { RateLimits } from './rate-limits.ts';

export interface SubmissionPortParts {
  readonly login: Login;
  readonly addresses: Pick<MailAddresses, 'maySendAs'>;
  readonly recipients: RecipientListParts;
  readonly findAccount: DirectoryView['findAccount'];
  readonly openSpool: QueueIntake['openSpool'];
  readonly distribution: DistributionParts;
  readonly rates: RateLimits;
  /** What the trace calls this server. */
  readonly serverName: () => string;
  /** The client's own connection, for the trace. */
  readonly isEncrypted: boolean;
  readonly nowMs: () => number;
  /** Puts a copy into the sender's own folder, where that is wanted; never rejects. */
  readonly saveCopy: (messageId: string, message: SpooledMessage) => Promise<void>;
  readonly onTaken: (message: TakenMessage) => void;
}

const NOT_YOUR_ADDRESS: Refusal = {
  code: 550,
  enhanced: '5.7.1',
  text: 'You may not send as this address',
};

/** One session's. */
export class SubmissionPort implements MailPort {
  readonly #parts: SubmissionPortParts;
  readonly #recipients: RecipientList;
  /** Who sends, as the directory knew him at MAIL. */
  #person: AccountRecord | undefined;
  #messageCount = 0;

  constructor(parts: SubmissionPortParts) {
    this.#parts = parts;
    this.#recipients = new RecipientList(parts.recipients);
  }

  async judgeSender(
    sender: MailPath | undefined,
    { sizeBytes }: MailParameters,
  ): Promise<Refusal | undefined> {
    const address = sender && formatMailbox(sender);
    const person = await this.#parts.findAccount(this.#personId);
    if (person.kind === 'unavailable') return DIRECTORY_AWAY;
    const account = person.kind === 'found' ? person.account : undefined;
    this.#person = account;
    const refusal = await this.#judgeAddress(address);
    if (refusal !== undefined) return refusal;
    this.#recipients.start({ account, address }, sizeBytes);
    const waitMs = this.#parts.rates.takeMessage(this.#personId);
    return waitMs === 0 ? undefined : tooFast('messages', waitMs);
  }

  async judgeRecipient(recipient: MailPath): Promise<Refusal | undefined> {
    const refusal = await this.#recipients.judge(formatMailbox(recipient));
    // What comes again by itself does not count; wrong addresses do: nobody tries out thousands.
    if (refusal !== undefined && refusal.code < 500) return refusal;
    const waitMs = this.#parts.rates.takeRecipient(this.#personId);
    return waitMs === 0 ? refusal : tooFast('recipients', waitMs);
  }

  async openMessage(envelope: Envelope): Promise<MessageSink | Refusal> {
    const { login, openSpool, serverName, nowMs, isEncrypted } = this.#parts;
    this.#messageCount += 1;
    const reference = `${login.conversationId}.${this.#messageCount}`;
    const { parameters, recipients } = envelope;
    let messageId = '';
    return new ArrivingMail({
      reference,
      spool: openSpool(parameters.sizeBytes),
      recipientCount: recipients.length,
      prepareHeader: async (header) => {
        const facts = { reference, serverName: serverName(), isEncrypted, nowMs: nowMs() };
        const prepared = prepareHeader(header, { ...facts, envelope });
        if ('code' in prepared) return prepared;
        ({ messageId } = prepared);
        return (await this.#judgeAuthors(prepared.authors)) ?? prepared.octets;
      },
      deliver: (message) => this.#deliver(message, { ...envelope, reference, messageId }),
    });
  }

  /** Who logged in, though the mailbox may be another's. */
  get #personId(): AccountId {
    return this.#parts.login.delegateId ?? this.#parts.login.accountId;
  }

  async #judgeAddress(address: string | undefined): Promise<Refusal | undefined> {
    if (this.#person === undefined) return NOT_YOUR_ADDRESS;
    const verdict = await this.#parts.addresses.maySendAs(this.#person, address);
    if (verdict === 'yes') return undefined;
    return verdict === 'no' ? NOT_YOUR_ADDRESS : DIRECTORY_AWAY;
  }

  async #judgeAuthors(authors: readonly string[]): Promise<Refusal | undefined> {
    for (const author of new Set(authors)) {
      const refusal = await this.#judgeAddress(author);
      if (refusal !== undefined) return { ...refusal, text: `${refusal.text}: From or Sender` };
    }
    return undefined;
  }

  async #deliver(
    message: SpooledMessage,
    envelope: Envelope & { readonly reference: string; readonly messageId: string },
  ): Promise<Receipt> {
    const { reference, messageId, sender, parameters } = envelope;
    const { sizeBytes } = message;
    // First: the queue takes the message for itself.
    await this.#parts.saveCopy(messageId, message);
    const { addressees } = this.#recipients.address(envelope.recipients);
    const distributed = await distribute(
      message,
      { reference, sender: sender === undefined ? '' : formatMailbox(sender), parameters },
      addressees,
      this.#parts.distribution,
    );
    const { refusals, deliveredCount, queuedCount } = distributed;
    const recipientCount = addressees.length;
    this.#parts.onTaken({ reference, sizeBytes, recipientCount, deliveredCount, queuedCount });
    // A queue that takes nothing: the client sends it again, to all of them.
    const failure = refusals.find((refusal) => refusal !== undefined);
    return { reference, refusals: envelope.recipients.map(() => failure) };
  }
}

/** Exchange: 421 4.4.2, which ends the connection; here the client hears how long to wait. */
function tooFast(what: 'messages' | 'recipients', waitMs: number): Refusal {
  const seconds = Math.ceil(waitMs / 1_000);
  const wait = seconds < 120 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
  return { code: 450, enhanced: '4.7.1', text: `Too many ${what}: try again in ${wait}` };
}
