/**
 * RSET, NOOP, QUIT, VRFY, EXPN and HELP (RFC 5321 §4.1.1.5 to §4.1.1.10). What VRFY, EXPN, NOOP
 * and HELP are asked about is not looked at: nobody is told which mailboxes there are (§7.3).
 */
import type { CommandSyntax } from '../command.ts';

type Plain = 'RSET' | 'QUIT';
type Chatty = 'NOOP' | 'VRFY' | 'EXPN' | 'HELP';

const plain = <Name extends Plain>(name: Name) => ({
  name,
  usage: name,
  parse: (args: string) => (args.trim() === '' ? { name } : ('bad-arguments' as const)),
  formatArguments: () => undefined,
});

const chatty = <Name extends Chatty>(name: Name) => ({
  name,
  usage: `${name} [text]`,
  parse: () => ({ name }),
  formatArguments: () => undefined,
});

export const rsetSyntax: CommandSyntax<'RSET'> = plain('RSET');
export const quitSyntax: CommandSyntax<'QUIT'> = plain('QUIT');
export const noopSyntax: CommandSyntax<'NOOP'> = chatty('NOOP');
export const vrfySyntax: CommandSyntax<'VRFY'> = chatty('VRFY');
export const expnSyntax: CommandSyntax<'EXPN'> = chatty('EXPN');
export const helpSyntax: CommandSyntax<'HELP'> = chatty('HELP');
