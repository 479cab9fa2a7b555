/** What a running session works with: its parts, its state, and how it answers. */
import type { SessionEndReason } from '@homeward/sasl';
import type { OptionalExtension } from '../grammar/extensions.ts';
import { type EnhancedCode, formatReply } from '../grammar/reply.ts';
import type { MailPort, Refusal } from './ports.ts';
import type { SessionInput } from './session-input.ts';
import type { Transaction } from './transaction.ts';

/** What the owner of a session decides. */
export interface SmtpSessionOptions {
  /** LMTP answers a message once for each recipient, and greets by LHLO (RFC 2033 §4). */
  readonly protocol: 'submission' | 'lmtp';
  /** What is offered of what not every server has; undefined: all of it. */
  readonly extensions?: readonly OptionalExtension[] | undefined;
  /** What the server calls itself. */
  readonly serverName: string;
  /** What the client called itself before its login; undefined: it has yet to say. */
  readonly clientName: string | undefined;
  /** The largest message in octets (Exchange: MaxMessageSize); 0: no limit. */
  readonly messageBytes: number;
  /** Recipients of one message (Exchange: MaxRecipientsPerMessage). */
  readonly recipientLimit: number;
  /** Octets of one command with its CRLF. */
  readonly commandBytes: number;
  /** Consecutive commands that were errors of form before the session ends. */
  readonly badCommandLimit: number;
  /** Lets other work of the process in between. */
  readonly breathe: () => Promise<void>;
  /** Milliseconds since some moment: how long commands take. */
  readonly elapsedMs: () => number;
  /** Told of what happens; must not throw. Never given secrets or message text. */
  readonly observe: (event: SessionEvent) => void;
}

/** For logs and metrics. */
export type SessionEvent =
  | {
      readonly kind: 'command';
      /** A command's name, or `unreadable`. */
      readonly name: string;
      /** The reply's. */
      readonly code: number;
      readonly durationMs: number;
      /** Of the command, with the message behind it. */
      readonly requestBytes: number;
      /** Of all replies to it. */
      readonly responseBytes: number;
    }
  | {
      readonly kind: 'message';
      readonly sizeBytes: number;
      readonly recipientCount: number;
      readonly refusedCount: number;
      /** Undefined if it did not come so far as to have one. */
      readonly reference: string | undefined;
    }
  /** A bug or a failing port: the client was told 451. */
  | { readonly kind: 'failed'; readonly command: string; readonly error: unknown };

/** How a session ended; closed list, goes to the log. */
export type SessionEnd =
  | 'logged-out'
  | 'client-gone'
  | 'idle-too-long'
  | 'too-many-errors'
  | 'protocol-error'
  | SessionEndReason;

/** State and parts of one session. */
export class SessionContext {
  readonly port: MailPort;
  readonly options: SmtpSessionOptions;
  readonly input: SessionInput;
  clientName: string | undefined;
  transaction: Transaction | undefined;
  /** Replies that were not written yet. */
  #unsent = '';
  #saidBytes = 0;
  #lastCode = 0;
  #end: SessionEnd | undefined;

  constructor(port: MailPort, options: SmtpSessionOptions, input: SessionInput) {
    this.port = port;
    this.options = options;
    this.input = input;
    this.clientName = options.clientName;
  }

  /** Why the session is over; undefined while it goes on. */
  get end(): SessionEnd | undefined {
    return this.#end;
  }

  /** Of the last reply. */
  get lastCode(): number {
    return this.#lastCode;
  }

  /** Octets of all replies so far. */
  get saidBytes(): number {
    return this.#saidBytes;
  }

  /** Ends the session after the present step; the first reason counts. */
  finish(end: SessionEnd): void {
    this.#end ??= end;
  }

  reply(code: number, enhanced: EnhancedCode | undefined, text: string): void {
    this.say(code, formatReply(code, enhanced, text));
  }

  refuse({ code, enhanced, text }: Refusal): void {
    this.reply(code, enhanced, text);
  }

  /** @param reply Whole, with its CRLF. */
  say(code: number, reply: string): void {
    this.#lastCode = code;
    this.#unsent += reply;
    this.#saidBytes += Buffer.byteLength(reply);
  }

  takeUnsent(): string {
    const unsent = this.#unsent;
    this.#unsent = '';
    return unsent;
  }

  /** Forgets the transaction, and what came of its message. */
  async reset(): Promise<void> {
    const chunked = this.transaction?.chunked;
    const isUnopened = this.transaction !== undefined && chunked === undefined;
    this.transaction = undefined;
    if (isUnopened) await this.port.endTransaction?.();
    await chunked?.sink.abort();
  }
}
