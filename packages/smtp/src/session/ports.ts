/**
 * What a session needs of who takes its mail. The session owns these interfaces; a back end
 * supplies them for submission, and for LMTP from other sites.
 */
import type { MailPath } from '../grammar/mail-path.ts';
import type { MailParameters, RecipientParameters } from '../grammar/parameters.ts';
import type { EnhancedCode } from '../grammar/reply.ts';

/** Why not, as the client is told: 4yz to try again, 5yz for good (RFC 5321 §4.2.1). */
export interface Refusal {
  readonly code: number;
  readonly enhanced: EnhancedCode;
  /** Printable ASCII. */
  readonly text: string;
}

export interface EnvelopeRecipient {
  readonly path: MailPath;
  readonly parameters: RecipientParameters;
}

/** Who sent a message and who shall have it; the recipients were accepted one by one. */
export interface Envelope {
  /** Undefined for `<>`. */
  readonly sender: MailPath | undefined;
  readonly parameters: MailParameters;
  /** At least one. */
  readonly recipients: readonly EnvelopeRecipient[];
  /** What the client called itself. */
  readonly clientName: string;
}

/** What became of a message. */
export interface Receipt {
  /** By which an operator finds it. */
  readonly reference: string;
  /**
   * For each recipient, in order, why it was not taken. To SMTP clients a message that one
   * recipient was taken for is accepted: notifying its sender of the others is the port's duty.
   */
  readonly refusals: readonly (Refusal | undefined)[];
}

/** A message on its way in. Exactly one of `commit` and `abort` ends it. */
export interface MessageSink {
  /**
   * Takes octets, in order, which must not be written again. What cannot be stored shows at
   * `commit`.
   *
   * @returns Nothing, or a promise to be awaited before more is written: the back-pressure.
   */
  write(octets: Uint8Array): Promise<void> | undefined;
  /** The message is whole. Resolves when it is durable, or was refused. */
  commit(): Promise<Receipt>;
  /** It will never be whole; nothing of it stays. Never rejects. */
  abort(): Promise<void>;
}

/** Who takes the mail of one session. */
export interface MailPort {
  judgeSender(
    sender: MailPath | undefined,
    parameters: MailParameters,
  ): Promise<Refusal | undefined>;
  judgeRecipient(
    recipient: MailPath,
    parameters: RecipientParameters,
  ): Promise<Refusal | undefined>;
  openMessage(envelope: Envelope): Promise<MessageSink | Refusal>;
  /** A transaction is over before its message was opened; called more than once. Must not reject. */
  endTransaction?(): Promise<void>;
}
