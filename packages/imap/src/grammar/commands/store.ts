/** STORE and UID STORE (RFC 3501 §6.4.6, §6.4.8), conditional (RFC 7162 §3.1.3). */
import type { ArgumentDecoder } from '../argument-decoder.ts';
import type { FlagName } from '../command.ts';
import { withoutDoubles } from '../flag.ts';
import type { WholeSyntax } from './command-syntax.ts';

/**
 * `store SP sequence-set [SP store-modifiers] SP ["+" / "-"] "FLAGS" [".SILENT"] SP
 * (flag-list / (flag *(SP flag)))`
 */
export const storeSyntax: WholeSyntax = {
  word: 'STORE',
  hasUidForm: true,
  parse(decoder, numbering) {
    decoder.space();
    const set = decoder.sequenceSet();
    decoder.space();
    const unchangedSince = decoder.comesNext('(') ? parseUnchangedSince(decoder) : undefined;
    const change = parseChange(decoder);
    const silent = decoder.tryKeyword('FLAGS.SILENT');
    if (!silent && !decoder.tryKeyword('FLAGS')) decoder.fail('FLAGS or FLAGS.SILENT');
    decoder.space();
    const flags = decoder.comesNext('(') ? decoder.flagList() : parseBareFlags(decoder);
    return { name: 'store', numbering, set, unchangedSince, change, silent, flags };
  },
};

/** The one modifier there is (RFC 7162 §3.1.3), with its parentheses, and the space behind. */
function parseUnchangedSince(decoder: ArgumentDecoder): number {
  decoder.take('(');
  if (!decoder.tryKeyword('UNCHANGEDSINCE')) decoder.fail('UNCHANGEDSINCE');
  decoder.space();
  const modSeq = decoder.modSequence();
  decoder.take(')');
  decoder.space();
  return modSeq;
}

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
