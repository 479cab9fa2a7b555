/** APPEND (RFC 3501 §6.3.11) up to its message. */
import type { CommandSyntax } from './command-syntax.ts';

/** `append SP mailbox [SP flag-list] [SP date-time] SP literal` */
export const appendSyntax: CommandSyntax = {
  word: 'APPEND',
  streamsMessage: true,
  parse(decoder) {
    decoder.space();
    const mailbox = decoder.mailbox();
    decoder.space();
    const hasFlags = decoder.comesNext('(');
    const flags = hasFlags ? decoder.flagList() : [];
    if (hasFlags) decoder.space();
    const hasDate = decoder.comesNext('"');
    const internalDate = hasDate ? decoder.dateTime() : undefined;
    if (hasDate) decoder.space();
    decoder.streamedLiteral('a flag list, a date-time or the message as a literal');
    return { name: 'append', mailbox, flags, internalDate };
  },
};
