/** A mail transaction (RFC 5321 §3.3): what MAIL and RCPT have gathered, and a message in chunks. */
import type { MailPath } from '../grammar/mail-path.ts';
import type { MailParameters } from '../grammar/parameters.ts';
import type { MessageReader } from './message-reader.ts';
import type { EnvelopeRecipient, MessageSink, Refusal } from './ports.ts';

/** A message that comes by BDAT, between two chunks. */
export interface ChunkedMessage {
  readonly sink: MessageSink;
  readonly reader: MessageReader;
}

/** From MAIL to the end of the message, RSET, or a new EHLO. */
export interface Transaction {
  readonly sender: MailPath | undefined;
  readonly parameters: MailParameters;
  readonly recipients: EnvelopeRecipient[];
  /** From the first BDAT on. */
  chunked: ChunkedMessage | undefined;
  /** A chunk failed: all further ones do (RFC 3030 §2), until RSET. */
  failure: Refusal | undefined;
}
