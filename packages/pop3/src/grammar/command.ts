/**
 * POP3 commands as values, and what a row of the command table is. What a command does is in
 * `preauth/` and `session/`; how it is written is in `commands/`, one file for each family.
 */

/** RFC 1939 §3: the states in which a server takes commands. UPDATE takes none. */
export type Pop3State = 'authorization' | 'transaction';

/** Every command that is understood, arguments checked for their form, not for their sense. */
export type Pop3Command =
  | { readonly name: 'CAPA' }
  | { readonly name: 'STLS' }
  | { readonly name: 'USER'; readonly loginName: string }
  /** The password as octets: what counts is what was typed. */
  | { readonly name: 'PASS'; readonly password: Uint8Array }
  | {
      readonly name: 'AUTH';
      /** As written; undefined asks for the list. */
      readonly mechanism: string | undefined;
      /** As written: base64 or "="; undefined if there is none. */
      readonly initialResponse: string | undefined;
    }
  | { readonly name: 'UTF8' }
  /** `*` or a basic language range (RFC 4647 §2.1); undefined asks for the listing. */
  | { readonly name: 'LANG'; readonly range: string | undefined }
  /** Of what a proxy says of its client we take how often the connection may be passed on. */
  | { readonly name: 'XCLIENT'; readonly hopsLeft: number | undefined }
  | { readonly name: 'QUIT' }
  | { readonly name: 'STAT' }
  /** Message numbers count from 1 and may be too high. */
  | { readonly name: 'LIST'; readonly message: number | undefined }
  | { readonly name: 'UIDL'; readonly message: number | undefined }
  | { readonly name: 'RETR'; readonly message: number }
  | { readonly name: 'TOP'; readonly message: number; readonly lineCount: number }
  | { readonly name: 'DELE'; readonly message: number }
  | { readonly name: 'NOOP' }
  | { readonly name: 'RSET' };

export type Pop3CommandName = Pop3Command['name'];

/** The command with this name. */
export type Pop3CommandOf<Name extends Pop3CommandName> = Extract<
  Pop3Command,
  { readonly name: Name }
>;

/** How one command is written, and where it may stand. */
export interface CommandSyntax<Name extends Pop3CommandName = Pop3CommandName> {
  readonly name: Name;
  readonly states: readonly Pop3State[];
  /** The command with its arguments, for the client who got them wrong. */
  readonly usage: string;
  /**
   * @param args What follows the keyword and one space, as Latin-1, nothing trimmed; undefined
   *   if not even the space is there.
   * @returns undefined if the arguments do not fit.
   */
  parse(args: string | undefined): Pop3CommandOf<Name> | undefined;
  /** @returns The arguments as Latin-1, or undefined if there are none. */
  formatArguments(command: Pop3CommandOf<Name>): string | undefined;
}
