/** LOGIN (RFC 3501 §6.2.3). */
import type { WholeSyntax } from './command-syntax.ts';

/** `login SP userid SP password` */
export const loginSyntax: WholeSyntax = {
  word: 'LOGIN',
  parse(decoder) {
    decoder.space();
    const user = decoder.astringOctets('a user name');
    decoder.space();
    return { name: 'login', user, password: decoder.astringOctets('a password') };
  },
};
