/** CREATE (RFC 3501 §6.3.3). */
import type { WholeSyntax } from './command-syntax.ts';

/** `create SP mailbox`; one separator at the end says that it will hold folders. */
export const createSyntax: WholeSyntax = {
  word: 'CREATE',
  parse(decoder) {
    decoder.space();
    const given = decoder.mailbox();
    const willHoldFolders = given.endsWith('/');
    const mailbox = willHoldFolders ? given.slice(0, -1) : given;
    return { name: 'create', mailbox, willHoldFolders };
  },
};
