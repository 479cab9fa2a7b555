/** USER and PASS (RFC 1939 §7), AUTH (RFC 5034 §4). APOP is not offered: it needs plain secrets. */
import { splitWords } from '../arguments.ts';
import type { CommandSyntax } from '../command.ts';

/** RFC 4422 §3.1. */
const MECHANISM = /^[A-Za-z0-9_-]{1,20}$/u;

/** The name may hold blanks, as some directories' names do; it is UTF-8 (RFC 6856 §2.1). */
export const userSyntax: CommandSyntax<'USER'> = {
  name: 'USER',
  states: ['authorization'],
  usage: 'USER name',
  parse(args) {
    if (args === undefined) return undefined;
    const octets = Buffer.from(args, 'latin1');
    const loginName = octets.toString('utf8');
    if (!Buffer.from(loginName, 'utf8').equals(octets)) return undefined;
    return loginName.trim() === '' ? undefined : { name: 'USER', loginName };
  },
  formatArguments: ({ loginName }) => Buffer.from(loginName, 'utf8').toString('latin1'),
};

/** RFC 1939 §7: blanks may be part of the password, so everything behind the first one is. */
export const passSyntax: CommandSyntax<'PASS'> = {
  name: 'PASS',
  states: ['authorization'],
  usage: 'PASS password',
  parse(args) {
    if (args === undefined || args === '') return undefined;
    return { name: 'PASS', password: Buffer.from(args, 'latin1') };
  },
  formatArguments: ({ password }) => Buffer.from(password).toString('latin1'),
};

export const authSyntax: CommandSyntax<'AUTH'> = {
  name: 'AUTH',
  states: ['authorization'],
  usage: 'AUTH mechanism [initial-response]',
  parse(args) {
    const [mechanism, initialResponse, ...rest] = splitWords(args);
    if (rest.length > 0) return undefined;
    if (mechanism !== undefined && !MECHANISM.test(mechanism)) return undefined;
    return { name: 'AUTH', mechanism, initialResponse };
  },
  formatArguments({ mechanism, initialResponse }) {
    if (mechanism === undefined) return undefined;
    return initialResponse === undefined ? mechanism : `${mechanism} ${initialResponse}`;
  },
};
