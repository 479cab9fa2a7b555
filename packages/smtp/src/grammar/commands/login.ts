/** STARTTLS (RFC 3207 §4) and AUTH (RFC 4954 §4). */
import type { CommandSyntax } from '../command.ts';

/** RFC 4422 §3.1. */
const MECHANISM = /^[A-Za-z0-9_-]{1,20}$/u;

export const starttlsSyntax: CommandSyntax<'STARTTLS'> = {
  name: 'STARTTLS',
  usage: 'STARTTLS',
  parse: (args) => (args.trim() === '' ? { name: 'STARTTLS' } : 'bad-arguments'),
  formatArguments: () => undefined,
};

export const authSyntax: CommandSyntax<'AUTH'> = {
  name: 'AUTH',
  usage: 'AUTH mechanism [initial-response]',
  parse(args) {
    const [mechanism = '', initialResponse, ...rest] = args
      .split(' ')
      .filter((word) => word !== '');
    if (!MECHANISM.test(mechanism) || rest.length > 0) return 'bad-arguments';
    return { name: 'AUTH', mechanism, initialResponse };
  },
  formatArguments: ({ mechanism, initialResponse }) =>
    initialResponse === undefined ? mechanism : `${mechanism} ${initialResponse}`,
};
