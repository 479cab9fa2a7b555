/** A mail service under measurement: it takes mail by submission and by LMTP, and delivers it. */
import type { SmtpLoad } from '../../src/load/smtp-load.ts';

/** Somebody who may send. */
export interface MailSender {
  readonly name: string;
  readonly password: string;
}

/** Whoever starts one stops it. */
export interface MailTarget extends AsyncDisposable {
  readonly name: string;
  readonly senders: readonly MailSender[];
  /** Addresses, each with a mailbox of its own. */
  readonly recipients: readonly string[];
  /** A session for submission that is not logged in yet. */
  openSubmission(): Promise<SmtpLoad>;
  openLmtp(): Promise<SmtpLoad>;
  /** Resolves when nothing that was taken is still on its way. */
  awaitDelivered(): Promise<void>;
  /** Messages in the mailbox of each of them, all together. */
  countMessages(recipients: readonly string[]): Promise<number>;
  /** Its processes at this moment. */
  listPids(): readonly number[];
}
