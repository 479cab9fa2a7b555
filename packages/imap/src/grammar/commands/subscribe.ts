/** SUBSCRIBE and UNSUBSCRIBE (RFC 3501 §6.3.6, §6.3.7). */
import type { CommandSyntax } from './command-syntax.ts';

function subscribing(name: 'subscribe' | 'unsubscribe'): CommandSyntax {
  return {
    word: name.toUpperCase(),
    parse(decoder) {
      decoder.space();
      return { name, mailbox: decoder.mailbox() };
    },
  };
}

/** `subscribe SP mailbox` */
export const subscribeSyntax: CommandSyntax = subscribing('subscribe');
/** `unsubscribe SP mailbox` */
export const unsubscribeSyntax: CommandSyntax = subscribing('unsubscribe');
