/** RETR and DELE (RFC 1939 §5), TOP (RFC 1939 §7). */
import { parseLineCount, parseMessageNumber, splitWords } from '../arguments.ts';
import type { CommandSyntax } from '../command.ts';

export const retrSyntax: CommandSyntax<'RETR'> = {
  name: 'RETR',
  states: ['transaction'],
  usage: 'RETR message',
  parse(args) {
    const message = parseOnlyNumber(args);
    return message === undefined ? undefined : { name: 'RETR', message };
  },
  formatArguments: ({ message }) => message.toString(),
};

export const deleSyntax: CommandSyntax<'DELE'> = {
  name: 'DELE',
  states: ['transaction'],
  usage: 'DELE message',
  parse(args) {
    const message = parseOnlyNumber(args);
    return message === undefined ? undefined : { name: 'DELE', message };
  },
  formatArguments: ({ message }) => message.toString(),
};

export const topSyntax: CommandSyntax<'TOP'> = {
  name: 'TOP',
  states: ['transaction'],
  usage: 'TOP message lines',
  parse(args) {
    const words = splitWords(args);
    const message = parseMessageNumber(words[0]);
    const lineCount = parseLineCount(words[1]);
    if (words.length !== 2 || message === undefined || lineCount === undefined) return undefined;
    return { name: 'TOP', message, lineCount };
  },
  formatArguments: ({ message, lineCount }) => `${message} ${lineCount}`,
};

function parseOnlyNumber(args: string | undefined): number | undefined {
  const words = splitWords(args);
  return words.length === 1 ? parseMessageNumber(words[0]) : undefined;
}
