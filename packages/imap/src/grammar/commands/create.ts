/** CREATE (RFC 3501 §6.3.3), with what the mailbox is for (RFC 6154 §3). */
import type { ArgumentDecoder } from '../argument-decoder.ts';
import type { WholeSyntax } from './command-syntax.ts';

/** `create SP mailbox [SP "(" "USE" SP "(" [use-attr *(SP use-attr)] ")" ")"]` */
export const createSyntax: WholeSyntax = {
  word: 'CREATE',
  parse(decoder) {
    decoder.space();
    const given = decoder.mailbox();
    // One separator at the end says that it will hold folders.
    const willHoldFolders = given.endsWith('/');
    const mailbox = willHoldFolders ? given.slice(0, -1) : given;
    const uses = decoder.hasMore() ? parseParameters(decoder) : [];
    return { name: 'create', mailbox, willHoldFolders, uses };
  },
};

/** create-params (RFC 4466 §2.1): USE is the only one there is. */
function parseParameters(decoder: ArgumentDecoder): readonly string[] {
  decoder.space();
  const uses = decoder.list(() => {
    if (!decoder.tryKeyword('USE')) decoder.fail('USE');
    decoder.space();
    return decoder.listOrNothing(() => parseUse(decoder));
  });
  return [...new Set(uses.flat())];
}

function parseUse(decoder: ArgumentDecoder): string {
  decoder.take('\\');
  return `\\${decoder.atom('a special use')}`;
}
