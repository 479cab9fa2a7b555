/** GETQUOTA, GETQUOTAROOT and SETQUOTA (RFC 9208 §4.1, §7). */
import type { WholeSyntax } from './command-syntax.ts';

/** `getquota SP quota-root-name` */
export const getQuotaSyntax: WholeSyntax = {
  word: 'GETQUOTA',
  parse(decoder) {
    decoder.space();
    return { name: 'getquota', root: decoder.astring('the name of a quota root') };
  },
};

/** `getquotaroot SP mailbox` */
export const getQuotaRootSyntax: WholeSyntax = {
  word: 'GETQUOTAROOT',
  parse(decoder) {
    decoder.space();
    return { name: 'getquotaroot', mailbox: decoder.mailbox() };
  },
};

/** `setquota SP quota-root-name SP "(" [resource SP limit *(SP resource SP limit)] ")"` */
export const setQuotaSyntax: WholeSyntax = {
  word: 'SETQUOTA',
  parse(decoder) {
    decoder.space();
    const root = decoder.astring('the name of a quota root');
    decoder.space();
    const limits = decoder.listOrNothing(() => {
      const resource = decoder.atom('the name of a resource').toUpperCase();
      decoder.space();
      return [resource, decoder.number('a limit')] as const;
    });
    return { name: 'setquota', root, limits: new Map(limits) };
  },
};
