/**
 * FETCH and UID FETCH (RFC 3501 §6.4.5, §6.4.8), with modifiers (RFC 7162 §3.1.4.1, §3.2.6,
 * RFC 9394 §3.3).
 */
import { parsePartialRange } from '../search-program.ts';
import { parseFetchItems } from '../fetch-item.ts';
import type { ArgumentDecoder } from '../argument-decoder.ts';
import type { CommandOf, Numbering } from '../command.ts';
import type { WholeSyntax } from './command-syntax.ts';

/** `fetch SP sequence-set SP ("ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att … ")") [SP modifiers]` */
export const fetchSyntax: WholeSyntax = {
  word: 'FETCH',
  hasUidForm: true,
  parse(decoder, numbering) {
    decoder.space();
    const set = decoder.sequenceSet();
    decoder.space();
    const items = parseFetchItems(decoder);
    const modifiers = decoder.hasMore() ? parseModifiers(decoder, numbering) : noModifiers;
    return { name: 'fetch', numbering, set, items, ...modifiers };
  },
};

/** Behind the items: which of the messages (RFC 4466 §2.4). */
type Modifiers = Pick<CommandOf<'fetch'>, 'changedSince' | 'vanished' | 'partial'>;

const noModifiers: Modifiers = { changedSince: undefined, vanished: false, partial: undefined };

/** `"(" fetch-modifier *(SP fetch-modifier) ")"`; each once, in any order. */
function parseModifiers(decoder: ArgumentDecoder, numbering: Numbering): Modifiers {
  decoder.space();
  const start = decoder.position;
  let { changedSince, vanished, partial } = noModifiers;
  decoder.list(() => {
    if (changedSince === undefined && decoder.tryKeyword('CHANGEDSINCE')) {
      decoder.space();
      changedSince = decoder.modSequence();
    } else if (partial === undefined && decoder.tryKeyword('PARTIAL')) {
      decoder.space();
      partial = parsePartialRange(decoder);
    } else if (!vanished && decoder.tryKeyword('VANISHED')) vanished = true;
    else decoder.fail('a known FETCH modifier, once');
  });
  // RFC 7162 §3.2.6: not with FETCH, and not alone.
  if (vanished && (numbering !== 'uid' || changedSince === undefined)) {
    decoder.fail('VANISHED in UID FETCH only, together with CHANGEDSINCE', start);
  }
  // RFC 9394 §3.3 extends UID FETCH alone.
  if (partial !== undefined && numbering !== 'uid')
    decoder.fail('PARTIAL in UID FETCH only', start);
  return { changedSince, vanished, partial };
}
