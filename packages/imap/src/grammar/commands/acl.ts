/** SETACL, DELETEACL, GETACL, LISTRIGHTS and MYRIGHTS (RFC 4314 §3, §7). */
import type { ArgumentDecoder } from '../argument-decoder.ts';
import type { WholeSyntax } from './command-syntax.ts';

function aboutMailbox(name: 'getacl' | 'myrights'): WholeSyntax {
  return {
    word: name.toUpperCase(),
    parse(decoder) {
      decoder.space();
      return { name, mailbox: decoder.mailbox() };
    },
  };
}

function aboutIdentifier(name: 'listrights' | 'deleteacl'): WholeSyntax {
  return {
    word: name.toUpperCase(),
    parse(decoder) {
      decoder.space();
      const mailbox = decoder.mailbox();
      decoder.space();
      return { name, mailbox, identifier: parseIdentifier(decoder) };
    },
  };
}

/** `getacl SP mailbox` */
export const getAclSyntax: WholeSyntax = aboutMailbox('getacl');
/** `myrights SP mailbox` */
export const myRightsSyntax: WholeSyntax = aboutMailbox('myrights');
/** `listrights SP mailbox SP identifier` */
export const listRightsSyntax: WholeSyntax = aboutIdentifier('listrights');
/** `deleteacl SP mailbox SP identifier` */
export const deleteAclSyntax: WholeSyntax = aboutIdentifier('deleteacl');

/** `setacl SP mailbox SP identifier SP mod-rights`; an unknown right is refused (§3.1). */
export const setAclSyntax: WholeSyntax = {
  word: 'SETACL',
  parse(decoder) {
    decoder.space();
    const mailbox = decoder.mailbox();
    decoder.space();
    const identifier = parseIdentifier(decoder);
    decoder.space();
    const start = decoder.position;
    const given = decoder.astring('rights');
    const [, sign, rights] = /^([+-]?)([lrswipkxteacd]*)$/.exec(given) ?? [];
    if (rights === undefined) return decoder.fail('rights of "lrswipkxteacd"', start);
    const change = sign === '+' ? 'add' : sign === '-' ? 'remove' : 'replace';
    return { name: 'setacl', mailbox, identifier, change, rights };
  },
};

/** UTF-8, which must hold something printable. */
function parseIdentifier(decoder: ArgumentDecoder): string {
  const start = decoder.position;
  const octets = decoder.astringOctets('the name of a user');
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(octets).normalize('NFKC');
  const isFit = text !== '' && !/[\0-\x1f\x7f\ufffd]/.test(text);
  return isFit ? text : decoder.fail('the name of a user', start);
}
