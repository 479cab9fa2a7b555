/** STATUS (RFC 3501 §6.3.10). */
import { parseStatusItems } from '../status-item.ts';
import type { WholeSyntax } from './command-syntax.ts';

/** `status SP mailbox SP "(" status-att *(SP status-att) ")"` */
export const statusSyntax: WholeSyntax = {
  word: 'STATUS',
  parse(decoder) {
    decoder.space();
    const mailbox = decoder.mailbox();
    decoder.space();
    return { name: 'status', mailbox, items: parseStatusItems(decoder) };
  },
};
