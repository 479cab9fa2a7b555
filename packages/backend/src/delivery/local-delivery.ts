/**
 * Mail into mailboxes of this worker: opened as for a session, by the epoch that the directory
 * says, so that a mailbox that moves takes nothing at its old home.
 */
import type { AccountRecord } from '@homeward/directory';
import type { SpooledMessage } from '@homeward/mail-queue';
import type { Mailbox } from '@homeward/mailstore';
import type { Refusal } from '@homeward/smtp/session';
import type { Login } from '../login/login.ts';
import type { OpenedMailbox } from '../mail/open-mailbox.ts';
import { deliverInto, findDetailFolder } from './deliver-into.ts';
import { OVER_QUOTA, refusalOfOpening, refusalOfStoring } from './delivery-refusals.ts';

/** Who is to have a message. */
export interface LocalRecipient {
  readonly account: AccountRecord;
  /** Of plus addressing. */
  readonly detail: string | undefined;
  /** As the sender wrote it. */
  readonly address: string;
}

/** The same octets however often it is read. */
type ReadableMessage = Pick<SpooledMessage, 'sizeBytes' | 'readMessage'>;

export interface LocalDeliveryParts {
  readonly openMailbox: (
    login: Pick<Login, 'accountId' | 'epoch' | 'quota'>,
  ) => Promise<OpenedMailbox>;
  /** Told of each message that is durable; must not throw. */
  readonly onDelivered: (sizeBytes: number) => void;
}

/** What the trace alone takes. */
const LEAST_BYTES = 200;

/** Keeps nothing open. */
export class LocalDelivery {
  readonly #parts: LocalDeliveryParts;

  constructor(parts: LocalDeliveryParts) {
    this.#parts = parts;
  }

  /**
   * Whether the mailbox would take so many octets now; what its quota is later nobody knows.
   *
   * @param sizeBytes Undefined: the sender did not say.
   */
  async judge(
    { account }: Pick<LocalRecipient, 'account'>,
    sizeBytes: number | undefined,
  ): Promise<Refusal | undefined> {
    const opened = await this.#open(account);
    if (!opened.ok) return refusalOfOpening(opened.reason);
    const { storageBytes, messages } = opened.mailbox.readQuota();
    opened.mailbox.close();
    const isFull =
      storageBytes.used + (sizeBytes ?? LEAST_BYTES) > (storageBytes.limit ?? Infinity) ||
      messages.used + 1 > (messages.limit ?? Infinity);
    return isFull ? OVER_QUOTA : undefined;
  }

  /**
   * @param sender The envelope's, for Return-Path (RFC 5321 §4.4); empty for the null path.
   * @returns Why not; undefined once the message is durable.
   */
  async deliver(
    recipient: LocalRecipient,
    sender: string,
    message: ReadableMessage,
  ): Promise<Refusal | undefined> {
    const opened = await this.#open(recipient.account);
    if (!opened.ok) return refusalOfOpening(opened.reason);
    try {
      return await this.#store(opened.mailbox, recipient, sender, message);
    } finally {
      opened.mailbox.close();
    }
  }

  async #store(
    mailbox: Mailbox,
    { detail, address }: LocalRecipient,
    sender: string,
    message: ReadableMessage,
  ): Promise<Refusal | undefined> {
    const path = await findDetailFolder(mailbox, detail);
    // RFC 9228: by which of his addresses the mail came to him.
    const trace = `Return-Path: <${sender}>\r\nDelivered-To: ${address}\r\n`;
    const stored = await deliverInto(mailbox, path, { trace, message, flags: [] });
    if (!stored.ok) return refusalOfStoring(stored.reason);
    this.#parts.onDelivered(message.sizeBytes);
    return undefined;
  }

  #open({ id, epoch, quotaBytes, quotaMessages }: AccountRecord): Promise<OpenedMailbox> {
    const quota = { bytes: quotaBytes, messages: quotaMessages };
    return this.#parts.openMailbox({ accountId: id, epoch, quota });
  }
}
