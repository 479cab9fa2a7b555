/**
 * XCLIENT, by which a proxy says who its client is (https://www.postfix.org/XCLIENT_README.html).
 * Anybody could say so: of its attributes only Dovecot's TTL is taken, how often the connection may
 * still be passed on.
 */
import type { CommandSyntax } from '../command.ts';

const ATTRIBUTE = /^(?<name>[A-Za-z]{1,20})=(?<value>[!-~]*)$/u;
const HOPS = /^\d{1,3}$/u;

export const xclientSyntax: CommandSyntax<'XCLIENT'> = {
  name: 'XCLIENT',
  usage: 'XCLIENT TTL=number',
  parse(args) {
    let hopsLeft: number | undefined;
    for (const word of args.split(' ').filter((one) => one !== '')) {
      const { name = '', value = '' } = ATTRIBUTE.exec(word)?.groups ?? {};
      if (name === '') return 'bad-arguments';
      if (name.toUpperCase() === 'TTL' && HOPS.test(value)) hopsLeft = Number(value);
    }
    return { name: 'XCLIENT', hopsLeft };
  },
  formatArguments: ({ hopsLeft }) => (hopsLeft === undefined ? undefined : `TTL=${hopsLeft}`),
};
