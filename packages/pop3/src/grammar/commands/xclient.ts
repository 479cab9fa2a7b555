/**
 * XCLIENT, by which a proxy says who its client is (Dovecot's). Anybody could say so: of its
 * attributes only TTL is taken, how often the connection may still be passed on.
 */
import { splitWords } from '../arguments.ts';
import type { CommandSyntax } from '../command.ts';

const ATTRIBUTE = /^(?<name>[A-Za-z]{1,20})=(?<value>[!-~]*)$/u;
const HOPS = /^\d{1,3}$/u;

export const xclientSyntax: CommandSyntax<'XCLIENT'> = {
  name: 'XCLIENT',
  states: ['authorization'],
  usage: 'XCLIENT TTL=number',
  parse(args) {
    let hopsLeft: number | undefined;
    for (const word of splitWords(args)) {
      const { name = '', value = '' } = ATTRIBUTE.exec(word)?.groups ?? {};
      if (name === '') return undefined;
      if (name.toUpperCase() === 'TTL' && HOPS.test(value)) hopsLeft = Number(value);
    }
    return { name: 'XCLIENT', hopsLeft };
  },
  formatArguments: ({ hopsLeft }) => (hopsLeft === undefined ? undefined : `TTL=${hopsLeft}`),
};
