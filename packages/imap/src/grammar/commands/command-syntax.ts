/**
 * What the command table needs to know of each command: its word and how its arguments read.
 * A new command is one file beside this one and one row in `command-table.ts`.
 */
import type { AppendForm, AppendPiece } from '../append-message.ts';
import type { ArgumentDecoder } from '../argument-decoder.ts';
import type { Command, Numbering, StreamingCommand } from '../command.ts';

/** What every row of the command table has. */
interface Word {
  /** In capitals. */
  readonly word: string;
  /** Which numbers its arguments hold: `UID COPY` exists beside COPY. */
  readonly hasUidForm?: true;
}

/** A command that is gathered, literals and all, before it is read. */
export interface WholeSyntax extends Word {
  /**
   * Reads everything behind the command's word, the first space included; the reader checks
   * that nothing is left.
   *
   * @throws CommandSyntaxError
   */
  readonly parse: (decoder: ArgumentDecoder, numbering: Numbering) => Command;
}

/** A command whose messages are streamed to whoever runs it, never gathered. */
export interface StreamingSyntax extends Word {
  readonly form: AppendForm;
  /** The same, up to the first message's literal. */
  parseHead(
    decoder: ArgumentDecoder,
    numbering: Numbering,
  ): { readonly command: StreamingCommand; readonly piece: AppendPiece };
}

/** One row of the command table. */
export type CommandSyntax = WholeSyntax | StreamingSyntax;
