/**
 * Turns a client's octets into commands, piece by piece: octets in, one event at a time out.
 * It never reads a socket and never waits; a literal that the client wants to be invited for
 * comes out as an event, and so does APPEND's message, which is streamed and never gathered.
 */
import type { Command, CommandOf } from './command.ts';

/** Bounds of what one command may take. */
export interface CommandReaderLimits {
  /** One command's octets, literals other than APPEND's message included. */
  readonly commandBytes: number;
  /** APPEND's message. */
  readonly messageBytes: number;
  /**
   * The largest literal that may come without an invitation: 4096 where LITERAL- is offered
   * (RFC 7888 §5); without it (LITERAL+) the other two bounds alone count.
   */
  readonly nonSynchronizingBytes?: number | undefined;
}

/** What the reader found next. */
export type CommandEvent =
  /** Nothing more until `push` brings octets. */
  | { readonly kind: 'need-more' }
  /** A synchronizing literal was announced and is welcome: say `+` and go on reading. */
  | { readonly kind: 'continuation' }
  /** A whole command, its last CRLF included. */
  | { readonly kind: 'command'; readonly tag: string; readonly command: Command }
  /**
   * APPEND up to its message. Decide, then call `acceptMessage()` (after saying `+` if
   * `isSynchronizing`), or `refuseMessage()`; `message-octets` and `message-end` follow only in
   * the first case. A refused non-synchronizing literal is skipped by the reader itself.
   */
  | {
      readonly kind: 'append-start';
      readonly tag: string;
      readonly command: CommandOf<'append'>;
      readonly sizeBytes: number;
      readonly isSynchronizing: boolean;
    }
  /** A run of the message's octets; a view of pushed octets, valid until the next call. */
  | { readonly kind: 'message-octets'; readonly octets: Uint8Array }
  /**
   * The message and the command's CRLF are there. An `error` in its place says that the message
   * holds NUL or that something else follows it: the message is void.
   */
  | { readonly kind: 'message-end' }
  /**
   * What was sent is no command; the reader has skipped to the next line (or, `isFatal`, cannot
   * find it: answer and close). `tag` is undefined where none could be read.
   */
  | {
      readonly kind: 'error';
      readonly tag: string | undefined;
      /** Upper-case command word if it could be read. */
      readonly commandName: string | undefined;
      readonly problem: CommandProblem;
      /** One sentence for the client: what was wrong and where. ASCII, no CR or LF. */
      readonly text: string;
      readonly isFatal: boolean;
    };

export type CommandProblem =
  | 'unknown-command'
  | 'bad-syntax'
  | 'line-too-long'
  | 'literal-too-big'
  | 'message-too-big'
  | 'bad-literal'
  | 'nul-octet'
  | 'bad-line-end'
  | 'bad-charset';

/** The reader's surface; `createCommandReader` makes one. */
export interface CommandReader {
  /** Takes octets; the reader may keep views of them until they are consumed. */
  push(octets: Uint8Array): void;
  /** Next event; call until `need-more`. */
  next(): CommandEvent;
  /** See `append-start`. */
  acceptMessage(): void;
  refuseMessage(): void;
  /**
   * Next line as it is, for IDLE's DONE and SASL responses; without its CRLF. Only between
   * commands. A line that does not end with CRLF keeps its LF, so that it is nothing that a
   * protocol expects.
   * @returns undefined when no whole line is there; 'too-long' past `limitBytes` (fatal).
   */
  readLine(limitBytes: number): Uint8Array | undefined | 'too-long';
  /** Octets pushed but not consumed, between commands; the reader is empty afterwards. */
  takeRest(): Uint8Array;
}

export { createCommandReader } from './create-command-reader.ts';
