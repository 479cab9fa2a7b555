/** MAIL and RCPT (RFC 5321 §3.3, §4.1.1.2, §4.1.1.3). */
import type { SmtpCommandOf } from '../../grammar/command.ts';
import type { SessionContext } from '../session-context.ts';

export async function runMail(
  context: SessionContext,
  { sender, parameters }: SmtpCommandOf<'MAIL'>,
): Promise<void> {
  const { messageBytes, protocol } = context.options;
  if (context.clientName === undefined) {
    const greeting = protocol === 'lmtp' ? 'LHLO' : 'EHLO';
    context.reply(503, '5.5.1', `Say ${greeting} first`);
  } else if (context.transaction !== undefined) {
    context.reply(503, '5.5.1', 'A message is under way already: send it, or say RSET');
  } else if (messageBytes > 0 && (parameters.sizeBytes ?? 0) > messageBytes) {
    // RFC 1870 §6.1: before one octet of it was sent.
    context.reply(552, '5.3.4', `Messages may have ${messageBytes} octets here`);
  } else if (parameters.body === 'BINARYMIME') {
    context.reply(555, '5.5.4', 'BINARYMIME is not offered');
  } else {
    const refusal = await context.port.judgeSender(sender, parameters);
    if (refusal !== undefined) {
      context.refuse(refusal);
      return;
    }
    context.transaction = {
      sender,
      parameters,
      recipients: [],
      chunked: undefined,
      failure: undefined,
    };
    context.reply(250, '2.1.0', 'Sender OK');
  }
}

export async function runRcpt(
  context: SessionContext,
  { recipient, parameters }: SmtpCommandOf<'RCPT'>,
): Promise<void> {
  const { transaction } = context;
  if (transaction === undefined) {
    context.reply(503, '5.5.1', 'Say MAIL first');
    return;
  }
  if (transaction.chunked !== undefined || transaction.failure !== undefined) {
    context.reply(503, '5.5.1', 'The message is under way already');
    return;
  }
  if (recipient.isUtf8 && !transaction.parameters.isUtf8) {
    // RFC 6531 §3.4.
    context.reply(553, '5.6.7', 'An address that is not ASCII needs SMTPUTF8 at MAIL');
    return;
  }
  if (transaction.recipients.length >= context.options.recipientLimit) {
    // RFC 5321 §4.5.3.1.10: the client sends the rest in another message.
    context.reply(452, '4.5.3', `${context.options.recipientLimit} recipients at a time`);
    return;
  }
  const refusal = await context.port.judgeRecipient(recipient, parameters);
  if (refusal !== undefined) {
    context.refuse(refusal);
    return;
  }
  transaction.recipients.push({ path: recipient, parameters });
  context.reply(250, '2.1.5', 'Recipient OK');
}
