/** EXPUNGE (RFC 3501 §6.4.3) and UID EXPUNGE (RFC 4315 §2.1). */
import type { WholeSyntax } from './command-syntax.ts';

/** `expunge`, or `uid expunge SP sequence-set` */
export const expungeSyntax: WholeSyntax = {
  word: 'EXPUNGE',
  hasUidForm: true,
  parse(decoder, numbering) {
    if (numbering === 'sequence') return { name: 'expunge', set: undefined };
    decoder.space();
    return { name: 'expunge', set: decoder.sequenceSet() };
  },
};
