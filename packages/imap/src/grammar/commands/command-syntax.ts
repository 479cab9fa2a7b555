/**
 * What the command table needs to know of each command: its word and how its arguments read.
 * A new command is one file beside this one and one row in `command-table.ts`.
 */
import type { ArgumentDecoder } from '../argument-decoder.ts';
import type { Command, Numbering } from '../command.ts';

/** One row of the command table. */
export interface CommandSyntax {
  /** In capitals. */
  readonly word: string;
  /** Which numbers its arguments hold: `UID COPY` exists beside COPY. */
  readonly hasUidForm?: true;
  /** It ends with a literal that is streamed to whoever runs it, never gathered. */
  readonly streamsMessage?: true;
  /**
   * Reads everything behind the command's word, the first space included; the reader checks
   * that nothing is left.
   *
   * @throws CommandSyntaxError
   */
  readonly parse: (decoder: ArgumentDecoder, numbering: Numbering) => Command;
}
