/** STORE and UID STORE (RFC 3501 §6.4.6, §6.4.8). */
import type { ArgumentDecoder } from '../argument-decoder.ts';
import type { FlagName } from '../command.ts';
import { withoutDoubles } from '../flag.ts';
import type { WholeSyntax } from './command-syntax.ts';

/** `store SP sequence-set SP ["+" / "-"] "FLAGS" [".SILENT"] SP (flag-list / (flag *(SP flag)))` */
export const storeSyntax: WholeSyntax = {
  word: 'STORE',
  hasUidForm: true,
  parse(decoder, numbering) {
    decoder.space();
    const set = decoder.sequenceSet();
    decoder.space();
    const change = parseChange(decoder);
    const silent = decoder.tryKeyword('FLAGS.SILENT');
    if (!silent && !decoder.tryKeyword('FLAGS')) decoder.fail('FLAGS or FLAGS.SILENT');
    decoder.space();
    const flags = decoder.comesNext('(') ? decoder.flagList() : parseBareFlags(decoder);
    return { name: 'store', numbering, set, change, silent, flags };
  },
};

function parseChange(decoder: ArgumentDecoder): 'replace' | 'add' | 'remove' {
  if (decoder.tryTake('+')) return 'add';
  // "-" belongs to words as well, so it is looked for before the word.
  return decoder.tryTake('-') ? 'remove' : 'replace';
}

function parseBareFlags(decoder: ArgumentDecoder): readonly FlagName[] {
  const flags = [decoder.flag()];
  while (decoder.hasMore()) {
    decoder.space();
    flags.push(decoder.flag());
  }
  return withoutDoubles(flags);
}
