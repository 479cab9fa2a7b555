/** AUTHENTICATE (RFC 3501 §6.2.2) with an initial response (RFC 4959 §3). */
import { decodeBase64 } from '@homeward/wire';
import type { ArgumentDecoder } from '../argument-decoder.ts';
import { CommandSyntaxError } from '../syntax-error.ts';
import type { WholeSyntax } from './command-syntax.ts';

/** `authenticate SP auth-type [SP (base64 / "=")]`; the mechanism comes in capitals. */
export const authenticateSyntax: WholeSyntax = {
  word: 'AUTHENTICATE',
  parse(decoder) {
    decoder.space();
    const mechanism = decoder.atom('a SASL mechanism').toUpperCase();
    const initialResponse = decoder.hasMore() ? parseInitialResponse(decoder) : undefined;
    return { name: 'authenticate', mechanism, initialResponse };
  },
};

function parseInitialResponse(decoder: ArgumentDecoder): Uint8Array {
  decoder.space();
  const start = decoder.position;
  const word = decoder.base64Word();
  if (word === '=') return Buffer.alloc(0);
  const decoded = decodeBase64(word, word.length);
  if (decoded.ok) return decoded.octets;
  throw new CommandSyntaxError(`The initial response at octet ${start + 1} is not base64`);
}
