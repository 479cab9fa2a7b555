/** What a submitted header becomes, and what of it counts for sending. */
import { type HeaderProblem, prepareSubmittedHeader, type RawField } from '@homeward/smtp/message';
import type { Envelope, Refusal } from '@homeward/smtp/session';
import { LOOP } from '../delivery/delivery-refusals.ts';
import { listAuthors } from './author-addresses.ts';

export interface HeaderFacts {
  readonly reference: string;
  readonly serverName: string;
  readonly isEncrypted: boolean;
  readonly nowMs: number;
  readonly envelope: Pick<Envelope, 'sender' | 'parameters' | 'clientName'>;
}

export interface PreparedMail {
  readonly octets: Buffer;
  /** The client's or ours. */
  readonly messageId: string;
  /** All addresses of From and Sender. */
  readonly authors: readonly string[];
}

const REFUSALS: Readonly<Record<HeaderProblem | 'no-author', Refusal>> = {
  'no-from': { code: 550, enhanced: '5.6.0', text: 'The message has no From' },
  'no-author': { code: 550, enhanced: '5.6.0', text: 'Nobody can tell whose address From has' },
  twice: {
    code: 550,
    enhanced: '5.6.0',
    text: 'From, Sender, Date, Message-ID or Subject comes twice',
  },
  loop: LOOP,
};

/** @param header Without the empty line behind it. */
export function prepareHeader(header: Buffer, facts: HeaderFacts): PreparedMail | Refusal {
  const { reference, serverName, envelope } = facts;
  const made = `${reference}@${envelope.sender?.domain ?? serverName}`;
  const prepared = prepareSubmittedHeader(header, {
    clientName: envelope.clientName,
    // Where a person is nobody but the operator needs to know, who finds it by the id.
    clientAddress: undefined,
    serverName,
    protocol: protocolOf(facts),
    id: reference,
    atMs: facts.nowMs,
    messageId: made,
  });
  if (!prepared.ok) return REFUSALS[prepared.problem];
  const authors = listAuthors(prepared.fields);
  if (authors === undefined) return REFUSALS['no-author'];
  const messageId = findMessageId(prepared.fields) ?? `<${made}>`;
  return { octets: prepared.octets, messageId, authors };
}

/** RFC 3848, RFC 6531 §4.3. */
function protocolOf({
  isEncrypted,
  envelope,
}: HeaderFacts): 'ESMTPSA' | 'ESMTPA' | 'UTF8SMTPSA' | 'UTF8SMTPA' {
  if (envelope.parameters.isUtf8) return isEncrypted ? 'UTF8SMTPSA' : 'UTF8SMTPA';
  return isEncrypted ? 'ESMTPSA' : 'ESMTPA';
}

/** As it is written, trimmed. */
export function findMessageId(fields: readonly RawField[]): string | undefined {
  const field = fields.find(({ name }) => name === 'message-id');
  const text = field?.octets.toString('latin1');
  return text?.slice(text.indexOf(':') + 1).trim();
}
