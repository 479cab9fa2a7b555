/** EHLO, HELO and LHLO behind login: the name is heard, and every transaction is over (§4.1.4). */
import { formatExtensions } from '../../grammar/extensions.ts';
import type { SessionContext } from '../session-context.ts';

export async function runGreeting(
  context: SessionContext,
  name: 'EHLO' | 'HELO' | 'LHLO',
  clientName: string,
): Promise<void> {
  const { protocol, serverName, messageBytes, extensions } = context.options;
  const isLmtp = protocol === 'lmtp';
  // RFC 2033 §4.1: each refuses the other's greeting.
  if ((name === 'LHLO') !== isLmtp) {
    const text = isLmtp ? 'This is LMTP: say LHLO' : 'This is SMTP: say EHLO';
    context.reply(500, '5.5.1', text);
    return;
  }
  await context.reset();
  context.clientName = clientName;
  if (name === 'HELO') context.reply(250, undefined, serverName);
  else {
    const offer = { serverName, messageBytes, extensions, offersStartTls: false, mechanisms: [] };
    context.say(250, formatExtensions(offer));
  }
}
