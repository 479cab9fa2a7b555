/** LIST and LSUB (RFC 3501 §6.3.8, §6.3.9). */
import type { CommandSyntax } from './command-syntax.ts';

function listing(name: 'list' | 'lsub'): CommandSyntax {
  return {
    word: name.toUpperCase(),
    parse(decoder) {
      decoder.space();
      const reference = decoder.mailbox();
      decoder.space();
      return { name, reference, pattern: decoder.listMailbox() };
    },
  };
}

/** `list SP mailbox SP list-mailbox` */
export const listSyntax: CommandSyntax = listing('list');
/** `lsub SP mailbox SP list-mailbox` */
export const lsubSyntax: CommandSyntax = listing('lsub');
