/** SUBSCRIBE and UNSUBSCRIBE (RFC 3501 §6.3.6, §6.3.7). */
import type { WholeSyntax } from './command-syntax.ts';

function subscribing(name: 'subscribe' | 'unsubscribe'): WholeSyntax {
  return {
    word: name.toUpperCase(),
    parse(decoder) {
      decoder.space();
      return { name, mailbox: decoder.mailbox() };
    },
  };
}

/** `subscribe SP mailbox` */
export const subscribeSyntax: WholeSyntax = subscribing('subscribe');
/** `unsubscribe SP mailbox` */
export const unsubscribeSyntax: WholeSyntax = subscribing('unsubscribe');
