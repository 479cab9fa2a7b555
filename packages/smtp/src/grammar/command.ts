/**
 * SMTP and LMTP commands as values (RFC 5321 §4.1, RFC 2033 §4), and what a row of the command
 * table is. What a command does, and in which order commands may come, is in `preauth/` and
 * `session/`; how it is written is in `commands/`, one file for each family.
 */
import type { ArgumentProblem } from './argument-problem.ts';
import type { MailPath } from './mail-path.ts';
import type { MailParameters, RecipientParameters } from './parameters.ts';

/** Every command that is understood, arguments checked for their form, not for their sense. */
export type SmtpCommand =
  /** The client's own name: a domain or an address literal, as it was written. */
  | { readonly name: 'EHLO'; readonly clientName: string }
  | { readonly name: 'HELO'; readonly clientName: string }
  | { readonly name: 'LHLO'; readonly clientName: string }
  | { readonly name: 'STARTTLS' }
  | {
      readonly name: 'AUTH';
      /** As written. */
      readonly mechanism: string;
      /** As written: base64 or "="; undefined if there is none. */
      readonly initialResponse: string | undefined;
    }
  /** `sender` is undefined for `<>`, the sender of notifications (RFC 5321 §4.5.5). */
  | {
      readonly name: 'MAIL';
      readonly sender: MailPath | undefined;
      readonly parameters: MailParameters;
    }
  | {
      readonly name: 'RCPT';
      readonly recipient: MailPath;
      readonly parameters: RecipientParameters;
    }
  | { readonly name: 'DATA' }
  /** So many octets follow the line at once (RFC 3030 §2). */
  | { readonly name: 'BDAT'; readonly octetCount: number; readonly isLast: boolean }
  /** Of what a proxy says of its client we take how often the connection may be passed on. */
  | { readonly name: 'XCLIENT'; readonly hopsLeft: number | undefined }
  | { readonly name: 'RSET' }
  | { readonly name: 'NOOP' }
  | { readonly name: 'QUIT' }
  | { readonly name: 'VRFY' }
  | { readonly name: 'EXPN' }
  | { readonly name: 'HELP' };

export type SmtpCommandName = SmtpCommand['name'];

/** The command with this name. */
export type SmtpCommandOf<Name extends SmtpCommandName> = Extract<
  SmtpCommand,
  { readonly name: Name }
>;

/** How one command is written. */
export interface CommandSyntax<Name extends SmtpCommandName = SmtpCommandName> {
  readonly name: Name;
  /** The command with its arguments, for the client who got them wrong. */
  readonly usage: string;
  /** @param args What follows the keyword and one space, in UTF-8; empty if there is nothing. */
  parse(args: string): SmtpCommandOf<Name> | ArgumentProblem;
  /** @returns The arguments, or undefined if there are none. */
  formatArguments(command: SmtpCommandOf<Name>): string | undefined;
}
