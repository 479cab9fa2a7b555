/**
 * One gathered command, or a prefix of it, into a value (RFC 3501 §9 command). Pure; the
 * framing of lines and literals is the reader's.
 */
import {
  type AppendForm,
  type AppendPiece,
  type AppendPlace,
  parseNextPiece,
} from './append-message.ts';
import { ArgumentDecoder } from './argument-decoder.ts';
import type { Command, Numbering, StreamingCommand } from './command.ts';
import type { CommandProblem } from './command-problem.ts';
import { findCommandSyntax } from './command-table.ts';
import type { CommandSyntax } from './commands/command-syntax.ts';
import { CommandSyntaxError, LITERAL_AWAITED } from './syntax-error.ts';

/** What came of it. */
export type ParsedCommand =
  | { readonly kind: 'command'; readonly tag: string; readonly command: Command }
  /** Its messages are streamed: this is its head, up to the first literal or to the end. */
  | {
      readonly kind: 'streaming';
      readonly tag: string;
      readonly command: StreamingCommand;
      readonly form: AppendForm;
      readonly piece: AppendPiece;
    }
  /** Only of a prefix: right so far, and the announced literal belongs there. */
  | { readonly kind: 'literal-awaited' }
  | ({ readonly kind: 'failed' } & ParseFailure);

export interface ParseFailure {
  readonly tag: string | undefined;
  readonly commandName: string | undefined;
  readonly problem: CommandProblem;
  readonly text: string;
}

/** Longer words are not repeated in logs: they are no commands, perhaps not even meant as such. */
const LONGEST_WORD = 16;

/**
 * @param text The command as Latin-1: without its last CRLF, or, `isPrefix`, up to and with the
 *   CRLF of a literal's announcement.
 * @param isUtf8 The client has enabled UTF-8 (RFC 6855 §3).
 */
export function parseCommand(text: string, isPrefix: boolean, isUtf8 = false): ParsedCommand {
  return new CommandParse(text, isPrefix, isUtf8).run();
}

/** What came of a piece of a command whose messages are streamed. */
export type ParsedPiece =
  | { readonly kind: 'piece'; readonly piece: AppendPiece }
  | { readonly kind: 'literal-awaited' }
  | { readonly kind: 'failed'; readonly problem: CommandProblem; readonly text: string };

/** @param text What came behind a streamed literal; otherwise as for `parseCommand`. */
export function parsePiece(
  text: string,
  isPrefix: boolean,
  place: AppendPlace,
  form: AppendForm,
): ParsedPiece {
  try {
    // Nothing that depends on UTF-8 comes behind a message.
    const decoder = new ArgumentDecoder(text, isPrefix);
    return { kind: 'piece', piece: parseNextPiece(decoder, place, form) };
  } catch (error) {
    if (error === LITERAL_AWAITED) return { kind: 'literal-awaited' };
    if (!(error instanceof CommandSyntaxError)) throw error;
    return { kind: 'failed', problem: error.problem, text: error.message };
  }
}

/** What can be read of a command that is refused for other reasons than its syntax. */
export function identifyCommand(head: string): Pick<ParseFailure, 'tag' | 'commandName'> {
  const parse = new CommandParse(head, false, false);
  parse.run();
  // A head without a blank may have cut the tag: half of it would be another command's.
  return head.includes(' ') ? parse.identity : { tag: undefined, commandName: undefined };
}

/** One parse; remembers how far it came, so that a failure can say which command it was. */
class CommandParse {
  readonly #decoder: ArgumentDecoder;
  #tag: string | undefined;
  #commandName: string | undefined;

  constructor(text: string, isPrefix: boolean, isUtf8: boolean) {
    this.#decoder = new ArgumentDecoder(text, isPrefix, isUtf8);
  }

  get identity(): Pick<ParseFailure, 'tag' | 'commandName'> {
    return { tag: this.#tag, commandName: this.#commandName };
  }

  run(): ParsedCommand {
    try {
      return this.#parse();
    } catch (error) {
      if (error === LITERAL_AWAITED) return { kind: 'literal-awaited' };
      if (!(error instanceof CommandSyntaxError)) throw error;
      return { kind: 'failed', ...this.identity, problem: error.problem, text: error.message };
    }
  }

  #parse(): ParsedCommand {
    const decoder = this.#decoder;
    const tag = decoder.tag();
    this.#tag = tag;
    decoder.space();
    const word = this.#word();
    const numbering: Numbering = word === 'UID' ? 'uid' : 'sequence';
    const syntax = word === 'UID' ? this.#uidForm() : findCommandSyntax(word);
    if (syntax === undefined) {
      throw new CommandSyntaxError('This command is not known here', 'unknown-command');
    }
    if ('parseHead' in syntax) {
      return { kind: 'streaming', tag, form: syntax.form, ...syntax.parseHead(decoder, numbering) };
    }
    const command = syntax.parse(decoder, numbering);
    decoder.end();
    return { kind: 'command', tag, command };
  }

  #uidForm(): CommandSyntax | undefined {
    this.#decoder.space();
    const syntax = findCommandSyntax(this.#word());
    return syntax?.hasUidForm === true ? syntax : undefined;
  }

  #word(): string {
    const word = this.#decoder.keyword('a command');
    const before = this.#commandName === undefined ? '' : `${this.#commandName} `;
    if (word.length <= LONGEST_WORD) this.#commandName = before + word;
    return word;
  }
}
