/** ENABLE (RFC 5161 §3.1). */
import type { WholeSyntax } from './command-syntax.ts';

/** `enable 1*(SP capability)`; names come in capitals. */
export const enableSyntax: WholeSyntax = {
  word: 'ENABLE',
  parse(decoder) {
    const capabilities: string[] = [];
    do {
      decoder.space();
      capabilities.push(decoder.atom('a capability').toUpperCase());
    } while (decoder.hasMore());
    return { name: 'enable', capabilities };
  },
};
