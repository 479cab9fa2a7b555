/** What a running command works with: the session's parts and its state. */
import type { SessionEndReason } from '@homeward/sasl';
import type { LoginCapabilities, SitePolicy } from '../grammar/capabilities.ts';
import type { Pop3Command, Pop3CommandName } from '../grammar/command.ts';
import { formatErr, formatOk } from '../grammar/response.ts';
import type { ResponseCode } from '../grammar/response.ts';
import { DEFAULT_LANGUAGE, findLanguage } from '../grammar/texts/language.ts';
import type { Language, LanguageTag } from '../grammar/texts/language.ts';
import type { Texts } from '../grammar/texts/texts.ts';
import { MaildropView } from './maildrop-view.ts';
import type { RetrievalOrder } from './maildrop-view.ts';
import type { MaildropPort } from './ports.ts';
import { ReadAhead } from './read-ahead.ts';
import type { ReplyWriter } from './reply-writer.ts';
import type { SessionInput } from './session-input.ts';

/** How much of a large message is read and written at once. */
export const PIECE_BYTES = 65_536;

/** What the owner of a session decides. */
export interface Pop3SessionOptions {
  /** Octets of one command with its CRLF (Exchange: MaxCommandSize, 512). */
  readonly commandBytes: number;
  /** Consecutive commands answered by an error of form before the session ends. */
  readonly maxBadCommands: number;
  /** Which message is number 1 (Exchange: MessageRetrievalSortOrder). */
  readonly retrievalOrder: RetrievalOrder;
  /** The language that the client chose before login; undefined: none, so English. */
  readonly language: string | undefined;
  /** The client said UTF8 before login: mail is sent as it is (RFC 6856 §2.1). */
  readonly isUtf8: boolean;
  /** What `LANG *` stands for (RFC 6856 §3.2). */
  readonly preferredLanguage: LanguageTag;
  /**
   * What CAPA says of logging in. RFC 2449 §6 wants the same list in both states; a front end
   * that clients log in at may offer other mechanisms than the back end that runs the session.
   */
  readonly login: Pick<LoginCapabilities, 'user' | 'mechanisms'>;
  /** What CAPA tells of the site; `expireDays` is held to at QUIT. */
  readonly policy: SitePolicy;
  /** Lets other work of the process in between; called often during long listings. */
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
      readonly name: string;
      readonly outcome: Outcome;
      /** Undefined if it could not be read; see `describeArguments` for what may be logged. */
      readonly command: Pop3Command | undefined;
      readonly requestBytes: number;
      readonly responseBytes: number;
      readonly durationMs: number;
    }
  /** A message was sent as a whole. */
  | { readonly kind: 'retrieved'; readonly sizeBytes: number }
  /** QUIT removed messages; `isComplete` is false if some could not be removed. */
  | { readonly kind: 'removed'; readonly messageCount: number; readonly isComplete: boolean }
  /** A bug or a failing store: the client was told -ERR [SYS/TEMP], or was cut off. */
  | { readonly kind: 'failed'; readonly command: Pop3CommandName; readonly error: unknown };

export type Outcome = 'OK' | 'ERR';

/** Why the owner wants a session to end. */
export type EndRequest = SessionEndReason;

/** How a session ended; closed list, goes to the log. */
export type SessionEnd =
  /** QUIT: the UPDATE state was reached, whether or not everything could be removed. */
  | 'logged-out'
  | 'client-gone'
  | 'idle-too-long'
  | 'too-many-errors'
  | 'protocol-error'
  /** The store failed inside a message; no words can reach the client any more. */
  | 'store-failed'
  | EndRequest;

/** State and parts of one session. */
export class SessionContext {
  readonly maildrop: MaildropPort;
  readonly view: MaildropView;
  readonly readAhead: ReadAhead;
  readonly options: Pop3SessionOptions;
  readonly writer: ReplyWriter;
  readonly input: SessionInput;
  /** A multi-line reply has begun: an error can no longer be told in words. */
  isInsideReply = false;
  language: Language;
  #end: SessionEnd | undefined;

  constructor(parts: {
    readonly maildrop: MaildropPort;
    readonly options: Pop3SessionOptions;
    readonly writer: ReplyWriter;
    readonly input: SessionInput;
  }) {
    this.maildrop = parts.maildrop;
    this.view = new MaildropView(parts.maildrop, parts.options.retrievalOrder);
    this.readAhead = new ReadAhead(parts.maildrop, this.view, PIECE_BYTES);
    this.options = parts.options;
    this.writer = parts.writer;
    this.language = chosenLanguage(parts.options);
    this.input = parts.input;
  }

  /** In the client's language. */
  get texts(): Texts {
    return this.language.texts;
  }

  /** Why the session is over; undefined while it goes on. */
  get end(): SessionEnd | undefined {
    return this.#end;
  }

  /** Ends the session after the present step; the first reason counts. */
  finish(end: SessionEnd): void {
    this.#end ??= end;
  }

  /** Answers +OK. */
  ok(text: string): Outcome {
    this.writer.say(formatOk(text));
    return 'OK';
  }

  /** Answers -ERR. */
  err(text: string, code?: ResponseCode): Outcome {
    this.writer.say(formatErr(code, text));
    return 'ERR';
  }
}

function chosenLanguage({ language, preferredLanguage }: Pop3SessionOptions): Language {
  if (language === undefined) return DEFAULT_LANGUAGE;
  return findLanguage(language, preferredLanguage) ?? DEFAULT_LANGUAGE;
}
