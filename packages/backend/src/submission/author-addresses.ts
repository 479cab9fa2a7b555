/** Who a header says wrote and sent the message (RFC 5322 §3.6.2). */
import { parseAddressList } from '@homeward/mime';
import type { RawField } from '@homeward/smtp/message';

/** A field of more is refused: nobody reads so many. */
const AUTHOR_COUNT = 20;
const QUOTED_OR_COMMENT = /"(?:[^"\\]|\\.)*"|\((?:[^()\\]|\\.)*\)/gu;
const ADDRESS_LIKE = /[^\s<>,;:"()@]+@[^\s<>,;:"()@]+/gu;

/**
 * All addresses in From and Sender; undefined if one of the fields has none, too many, or what is
 * no address: then nobody can say whose they are. Whatever stands there and looks like an address
 * counts as one, for other readers may take it for the author's.
 */
export function listAuthors(fields: readonly RawField[]): readonly string[] | undefined {
  const authors: string[] = [];
  for (const { name, octets } of fields) {
    if (name !== 'from' && name !== 'sender') continue;
    const value = valueOf(octets);
    const listed = parseAddressList(value, AUTHOR_COUNT + 1);
    if (listed.length === 0 || listed.length > AUTHOR_COUNT) return undefined;
    for (const { mailbox, host } of listed) {
      // A group (RFC 6854) names nobody.
      if (mailbox === undefined || host === undefined || host === '') return undefined;
      authors.push(`${mailbox}@${host}`);
    }
    authors.push(...(value.replaceAll(QUOTED_OR_COMMENT, ' ').match(ADDRESS_LIKE) ?? []));
  }
  return authors;
}

function valueOf(octets: Buffer): string {
  const text = octets.toString('utf8').replaceAll(/\r\n(?=[ \t])/gu, '');
  return text.slice(text.indexOf(':') + 1).trim();
}
