/**
 * Turns a client's octets into commands, piece by piece: octets in, one event at a time out.
 * It never reads a socket and never waits; a literal that the client wants to be invited for
 * comes out as an event, and so do the messages of APPEND, which are streamed, never gathered.
 */
import type { CommandProblem } from './command-problem.ts';
import type { AppendStep, Command, StreamingCommand } from './command.ts';

/** Bounds of what one command may take. */
export interface CommandReaderLimits {
  /** One command's octets, literals other than a message's included; again behind each message. */
  readonly commandBytes: number;
  /** One message's literal. */
  readonly messageBytes: number;
  /**
   * The largest literal that may come without an invitation: 4096 where LITERAL- is offered
   * (RFC 7888 §5); without it (LITERAL+) the other two bounds alone count.
   */
  readonly nonSynchronizingBytes?: number | undefined;
}

/** What a command that brings messages says between their octets. */
export interface AppendAnnouncement {
  readonly tag: string;
  readonly command: StreamingCommand;
  /** What came since the literal before, or since the head. */
  readonly steps: readonly AppendStep[];
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
   * A command that brings messages, up to the next of their literals. Decide, then call
   * `acceptMessage()` (after saying `+` if `isSynchronizing`), or `refuseMessage()`, which ends
   * the command: whatever it still holds is skipped by the reader itself. Once accepted,
   * `message-octets` follow, then the next `append-literal` or `append-end`.
   */
  | ({ readonly kind: 'append-literal' } & AppendAnnouncement & {
        readonly sizeBytes: number;
        readonly isSynchronizing: boolean;
      })
  /** A run of a literal's octets; a view of pushed octets, valid until the next call. */
  | { readonly kind: 'message-octets'; readonly octets: Uint8Array }
  /**
   * The command's CRLF is there. An `error` in its place says that a message holds NUL or that
   * the rest is not as the grammar says: the command is void.
   */
  | ({ readonly kind: 'append-end' } & AppendAnnouncement)
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

/** The reader's surface; `createCommandReader` makes one. */
export interface CommandReader {
  /** Takes octets; the reader may keep views of them until they are consumed. */
  push(octets: Uint8Array): void;
  /** Next event; call until `need-more`. */
  next(): CommandEvent;
  /** See `append-literal`. */
  acceptMessage(): void;
  refuseMessage(): void;
  /**
   * Next line as it is, for IDLE's DONE and SASL responses; without its CRLF. Only between
   * commands. A line that does not end with CRLF keeps its LF, so that it is nothing that a
   * protocol expects.
   * @returns undefined when no whole line is there; 'too-long' past `limitBytes` (fatal).
   */
  readLine(limitBytes: number): Uint8Array | undefined | 'too-long';
  /** From the next command on, quoted strings and names are in UTF-8 (RFC 6855 §3). */
  acceptUtf8(): void;
  /** Octets pushed but not consumed, between commands; the reader is empty afterwards. */
  takeRest(): Uint8Array;
  /** Octets consumed since the beginning: those of all commands so far. */
  readonly consumedBytes: number;
}
