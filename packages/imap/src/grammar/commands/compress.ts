/** COMPRESS (RFC 4978 §3). */
import type { WholeSyntax } from './command-syntax.ts';

/** `compress SP algorithm`; DEFLATE is the only one there is. */
export const compressSyntax: WholeSyntax = {
  word: 'COMPRESS',
  parse(decoder) {
    decoder.space();
    if (!decoder.tryKeyword('DEFLATE')) decoder.fail('DEFLATE');
    return { name: 'compress' };
  },
};
