/**
 * CAPA (RFC 2449 §5), STLS (RFC 2595 §4), UTF8 (RFC 6856 §2.1), NOOP, RSET, QUIT (RFC 1939 §5,
 * §6), which have no arguments, and LANG (RFC 6856 §3).
 */
import { isBlank, splitWords } from '../arguments.ts';
import type { CommandSyntax, Pop3CommandName, Pop3State } from '../command.ts';

type BareName = Extract<
  Pop3CommandName,
  'CAPA' | 'STLS' | 'UTF8' | 'QUIT' | 'NOOP' | 'RSET' | 'STAT'
>;

/** Describes a command that takes no arguments. */
export function describeBareCommand<Name extends BareName>(
  name: Name,
  command: { readonly name: Name },
  states: readonly Pop3State[],
): {
  readonly name: Name;
  readonly states: readonly Pop3State[];
  readonly usage: string;
  parse(args: string | undefined): { readonly name: Name } | undefined;
  formatArguments(): undefined;
} {
  return {
    name,
    states,
    usage: name,
    parse: (args) => (isBlank(args) ? command : undefined),
    formatArguments: () => undefined,
  };
}

export const capaSyntax: CommandSyntax<'CAPA'> = describeBareCommand('CAPA', { name: 'CAPA' }, [
  'authorization',
  'transaction',
]);

/** RFC 2595 §4: only before login. */
export const stlsSyntax: CommandSyntax<'STLS'> = describeBareCommand('STLS', { name: 'STLS' }, [
  'authorization',
]);

/** RFC 6856 §2: only before login. */
export const utf8Syntax: CommandSyntax<'UTF8'> = describeBareCommand('UTF8', { name: 'UTF8' }, [
  'authorization',
]);

/** RFC 4647 §2.1. */
const LANGUAGE_RANGE = /^(?:\*|[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,8})$/u;

export const langSyntax: CommandSyntax<'LANG'> = {
  name: 'LANG',
  states: ['authorization', 'transaction'],
  usage: 'LANG [language]',
  parse(args) {
    const [range, ...rest] = splitWords(args);
    if (rest.length > 0) return undefined;
    if (range !== undefined && !LANGUAGE_RANGE.test(range)) return undefined;
    return { name: 'LANG', range };
  },
  formatArguments: ({ range }) => range,
};

export const quitSyntax: CommandSyntax<'QUIT'> = describeBareCommand('QUIT', { name: 'QUIT' }, [
  'authorization',
  'transaction',
]);

/** RFC 1939 §5: not before login. */
export const noopSyntax: CommandSyntax<'NOOP'> = describeBareCommand('NOOP', { name: 'NOOP' }, [
  'transaction',
]);

export const rsetSyntax: CommandSyntax<'RSET'> = describeBareCommand('RSET', { name: 'RSET' }, [
  'transaction',
]);
