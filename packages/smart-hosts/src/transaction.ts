/**
 * One message for some recipients as one smart host shall get it: with the parameters that it
 * understands, and not at all if it lacks one that the message needs.
 */
import {
  formatMailParameters,
  formatRecipientParameters,
  type MailParameters,
  NO_RECIPIENT_PARAMETERS,
  type RecipientParameters,
} from '@homeward/smtp/grammar';
import type { Answer } from './answer.ts';
import { type Offer, sizeLimitOf } from './offer.ts';

export interface TransactionRecipient {
  readonly address: string;
  readonly parameters: RecipientParameters;
}

export interface Transaction {
  /** Empty for `<>`. */
  readonly sender: string;
  readonly parameters: MailParameters;
  readonly sizeBytes: number;
  /** At least one, each once. */
  readonly recipients: readonly TransactionRecipient[];
  /** Called when the host waits for the message. */
  readMessage(): AsyncIterable<Uint8Array>;
}

/** What came of it. */
export type Verdict =
  /** By address, what it said about each recipient. */
  | {
      readonly kind: 'answered';
      readonly answers: ReadonlyMap<string, Answer>;
      /** It was told what is to be reported (RFC 3461), and does so itself. */
      readonly isNotifyPassedOn: boolean;
    }
  /** It would not have the message at all; another host may. */
  | { readonly kind: 'turned-away'; readonly answer: Answer };

const NOT_ASCII = /[^\0-\x7f]/u;

/** Why the host cannot get it (RFC 6531 §3.5, RFC 6152 §3, RFC 1870 §6.1). */
export function findObstacle(transaction: Transaction, offer: Offer): Answer | undefined {
  const { parameters, sizeBytes } = transaction;
  if (needsUtf8(transaction) && !offer.has('SMTPUTF8')) {
    const enhanced = parameters.isUtf8 ? '5.6.9' : '5.6.7';
    return { code: 550, enhanced, text: 'the smart host does not take SMTPUTF8' };
  }
  // Gap: nothing is converted to 7 bit (RFC 6152 §3), and BDAT is not spoken.
  if (parameters.body === 'BINARYMIME' || (needs8Bit(parameters) && !offer.has('8BITMIME'))) {
    return { code: 554, enhanced: '5.6.3', text: 'the smart host does not take 8-bit text' };
  }
  const limitBytes = sizeLimitOf(offer);
  if (limitBytes === undefined || sizeBytes <= limitBytes) return undefined;
  const text = `the smart host takes ${limitBytes} octets at most, this has ${sizeBytes}`;
  return { code: 552, enhanced: '5.3.4', text };
}

export function formatMail(transaction: Transaction, offer: Offer): string {
  const { sender, parameters, sizeBytes } = transaction;
  const hasDsn = offer.has('DSN');
  return `MAIL FROM:<${sender}>${formatMailParameters({
    sizeBytes: offer.has('SIZE') ? sizeBytes : undefined,
    body: offer.has('8BITMIME') ? parameters.body : undefined,
    isUtf8: needsUtf8(transaction),
    returned: hasDsn ? parameters.returned : undefined,
    envelopeId: hasDsn ? parameters.envelopeId : undefined,
  })}`;
}

export function formatRcpt({ address, parameters }: TransactionRecipient, offer: Offer): string {
  const told = offer.has('DSN') ? parameters : NO_RECIPIENT_PARAMETERS;
  return `RCPT TO:<${address}>${formatRecipientParameters(told)}`;
}

function needsUtf8({ sender, parameters, recipients }: Transaction): boolean {
  if (parameters.isUtf8 || NOT_ASCII.test(sender)) return true;
  return recipients.some(({ address }) => NOT_ASCII.test(address));
}

function needs8Bit({ body }: MailParameters): boolean {
  return body === '8BITMIME';
}
