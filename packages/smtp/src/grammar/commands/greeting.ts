/** EHLO, HELO (RFC 5321 §4.1.1.1) and LHLO (RFC 2033 §4.1). */
import type { CommandSyntax } from '../command.ts';
import type { ArgumentProblem } from '../argument-problem.ts';

/**
 * What clients call themselves goes into headers and logs. Many are no domain names (`localhost`,
 * `my_phone`, an address without brackets), and none is believed: any short word passes.
 */
const CLIENT_NAME = /^[!-~\u{80}-\u{10ffff}]{1,255}$/u;

function parseName(args: string): string | ArgumentProblem {
  const clientName = args.trim();
  return CLIENT_NAME.test(clientName) ? clientName : 'bad-arguments';
}

function greetingSyntax<Name extends 'EHLO' | 'HELO' | 'LHLO'>(
  name: Name,
): {
  readonly name: Name;
  readonly usage: string;
  parse(args: string): { readonly name: Name; readonly clientName: string } | ArgumentProblem;
  formatArguments(command: { readonly clientName: string }): string;
} {
  return {
    name,
    usage: `${name} hostname`,
    parse(args) {
      const clientName = parseName(args);
      return clientName === 'bad-arguments' ? clientName : { name, clientName };
    },
    formatArguments: ({ clientName }) => clientName,
  };
}

export const ehloSyntax: CommandSyntax<'EHLO'> = greetingSyntax('EHLO');
export const heloSyntax: CommandSyntax<'HELO'> = greetingSyntax('HELO');
export const lhloSyntax: CommandSyntax<'LHLO'> = greetingSyntax('LHLO');
