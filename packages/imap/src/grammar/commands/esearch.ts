/** ESEARCH: SEARCH of many mailboxes (RFC 7377 §4). */
import type { ArgumentDecoder } from '../argument-decoder.ts';
import { parseMailboxFilter } from '../parse-mailbox-filter.ts';
import type { MailboxFilter } from '../mailbox-filter.ts';
import { parseProgram, tryReturns } from '../search-program.ts';
import type { WholeSyntax } from './command-syntax.ts';

/** `esearch [SP "IN" SP "(" source-mbox ")"] [SP search-return-opts] SP search-program` */
export const esearchSyntax: WholeSyntax = {
  word: 'ESEARCH',
  // RFC 7377 §2 shows it so in an example; its answers are UIDs either way.
  hasUidForm: true,
  parse(decoder) {
    decoder.space();
    const start = decoder.position;
    const sources = decoder.tryKeyword('IN') ? parseSources(decoder) : undefined;
    const returns = tryReturns(decoder);
    // RFC 7377 §2.2: "$" is about the selected mailbox alone.
    if (returns?.save === true && sources?.some(({ filter }) => filter !== 'selected') === true) {
      decoder.fail('SAVE for the selected mailbox alone', start);
    }
    return { name: 'esearch', sources, returns, ...parseProgram(decoder) };
  },
};

function parseSources(decoder: ArgumentDecoder): readonly MailboxFilter[] {
  decoder.space();
  const start = decoder.position;
  const sources = decoder.list(() => parseMailboxFilter(decoder));
  if (sources.some(({ filter }) => filter === 'selected-delayed')) {
    decoder.fail('"selected" in place of "selected-delayed"', start);
  }
  decoder.space();
  return sources;
}
