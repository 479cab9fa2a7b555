/** STAT and LIST (RFC 1939 §5), UIDL (RFC 1939 §7). */
import { parseMessageNumber, splitWords } from '../arguments.ts';
import type { CommandSyntax } from '../command.ts';
import { describeBareCommand } from './session-control.ts';

export const statSyntax: CommandSyntax<'STAT'> = describeBareCommand('STAT', { name: 'STAT' }, [
  'transaction',
]);

export const listSyntax: CommandSyntax<'LIST'> = {
  name: 'LIST',
  states: ['transaction'],
  usage: 'LIST [message]',
  parse(args) {
    const message = parseOptionalNumber(args);
    return message === 'bad' ? undefined : { name: 'LIST', message };
  },
  formatArguments: ({ message }) => message?.toString(),
};

export const uidlSyntax: CommandSyntax<'UIDL'> = {
  name: 'UIDL',
  states: ['transaction'],
  usage: 'UIDL [message]',
  parse(args) {
    const message = parseOptionalNumber(args);
    return message === 'bad' ? undefined : { name: 'UIDL', message };
  },
  formatArguments: ({ message }) => message?.toString(),
};

function parseOptionalNumber(args: string | undefined): number | undefined | 'bad' {
  const [word, ...rest] = splitWords(args);
  if (word === undefined) return undefined;
  return rest.length > 0 ? 'bad' : (parseMessageNumber(word) ?? 'bad');
}
