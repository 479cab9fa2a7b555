/**
 * The client half of LMTP (RFC 2033): a message to a server that answers for each recipient by
 * itself. A front end hands mail to homes by it, and homes hand it to each other.
 *
 * Commands may be given without waiting for the answers of those before them (RFC 2920): each call
 * sends at once, and answers come in order. How long an answer may take is the stream's to say: a
 * read that times out counts as the connection's loss.
 */
import { DotStuffer } from '@homeward/wire';
import type { OctetStream } from '@homeward/wire';
import { formatCommand } from '../grammar/command-table.ts';
import type { SmtpCommand } from '../grammar/command.ts';
import type { MailPath } from '../grammar/mail-path.ts';
import {
  type MailParameters,
  NO_RECIPIENT_PARAMETERS,
  type RecipientParameters,
} from '../grammar/parameters.ts';
import { ReplyReader, type ServerReply } from './reply-reader.ts';

/** What the server can do, of what matters to a client. */
export interface LmtpOffer {
  readonly is8Bit: boolean;
  readonly isUtf8: boolean;
  readonly hasNotifications: boolean;
  /** The largest message; undefined: it says none. */
  readonly sizeLimitBytes: number | undefined;
}

const NO_OFFER: LmtpOffer = {
  is8Bit: false,
  isUtf8: false,
  hasNotifications: false,
  sizeLimitBytes: undefined,
};

const NEEDS_UTF8: ServerReply = {
  code: 553,
  enhanced: '5.6.7',
  lines: ['The server cannot take addresses that are not ASCII'],
  isLost: false,
};

/**
 * One connection: `open`; then for each message `mail`, `recipient` as often as needed,
 * `startMessage`, `write`, `endMessage`, or `reset`. Whoever made the stream closes it.
 */
export class LmtpClient {
  readonly #stream: OctetStream;
  readonly #replies: ReplyReader;
  // A server that splits lines at LF must not find an end in the middle of a message either.
  readonly #stuffer = new DotStuffer('any-lf');
  #offer = NO_OFFER;
  #isMailUtf8 = false;
  /** Answers come in the order of the questions. */
  #last: Promise<unknown> = Promise.resolve();
  #unansweredCount = 0;
  #takenCount = 0;
  #finals: Promise<ServerReply>[] = [];

  constructor(stream: OctetStream) {
    this.#stream = stream;
    this.#replies = new ReplyReader(stream);
  }

  /** Of the answer to LHLO. */
  get offer(): LmtpOffer {
    return this.#offer;
  }

  /** Why the connection is of no use any more; undefined while it is. */
  get lost(): ServerReply | undefined {
    return this.#replies.lost;
  }

  /** Greeting and LHLO. @param clientName A domain or an address literal. */
  async open(clientName: string): Promise<ServerReply> {
    const greeting = await this.#next();
    if (greeting.code !== 220) return greeting;
    const reply = await this.#ask({ name: 'LHLO', clientName });
    if (reply.code === 250) this.#offer = readOffer(reply.lines.slice(1));
    return reply;
  }

  /** Begins a transaction. What the server does not know of the parameters is left out. */
  mail(sender: MailPath | undefined, parameters: MailParameters): Promise<ServerReply> {
    const { is8Bit, isUtf8, hasNotifications, sizeLimitBytes } = this.#offer;
    const needsUtf8 = parameters.isUtf8 || sender?.isUtf8 === true;
    if (needsUtf8 && !isUtf8) return Promise.resolve(NEEDS_UTF8);
    this.#takenCount = 0;
    this.#isMailUtf8 = needsUtf8;
    const known: MailParameters = {
      sizeBytes: sizeLimitBytes === undefined ? undefined : parameters.sizeBytes,
      body: is8Bit && parameters.body !== 'BINARYMIME' ? parameters.body : undefined,
      isUtf8: needsUtf8,
      returned: hasNotifications ? parameters.returned : undefined,
      envelopeId: hasNotifications ? parameters.envelopeId : undefined,
    };
    return this.#ask({ name: 'MAIL', sender, parameters: known });
  }

  async recipient(recipient: MailPath, parameters: RecipientParameters): Promise<ServerReply> {
    if (recipient.isUtf8 && !this.#isMailUtf8) return NEEDS_UTF8;
    const known = this.#offer.hasNotifications ? parameters : NO_RECIPIENT_PARAMETERS;
    const reply = await this.#ask({ name: 'RCPT', recipient, parameters: known });
    if (reply.code === 250 || reply.code === 251) this.#takenCount += 1;
    return reply;
  }

  /** DATA; all recipients must be answered for. @returns 354, or why not. */
  async startMessage(): Promise<ServerReply> {
    const reply = await this.#ask({ name: 'DATA' });
    if (reply.code !== 354) return reply;
    // Read from now on: a server that gives up meanwhile is noticed while we still write.
    this.#finals = Array.from({ length: this.#takenCount }, () => this.#next());
    return reply;
  }

  /**
   * Octets of the message, dots not doubled, which must not be written again.
   *
   * @returns Nothing, or a promise to be awaited before more is written: the back-pressure.
   */
  write(octets: Uint8Array): Promise<void> | undefined {
    if (this.#replies.lost !== undefined) return undefined;
    return this.#stream.write(this.#stuffer.encode(octets));
  }

  /** @returns An answer for each recipient that was taken, in order. */
  async endMessage(): Promise<readonly ServerReply[]> {
    const end = this.#stuffer.end();
    if (this.#replies.lost === undefined) await this.#stream.write(end);
    const finals = await Promise.all(this.#finals);
    this.#finals = [];
    this.#takenCount = 0;
    return finals;
  }

  /** Takes back a transaction; not between `startMessage` and `endMessage`. */
  reset(): Promise<ServerReply> {
    this.#takenCount = 0;
    return this.#ask({ name: 'RSET' });
  }

  /** The answer is nobody's concern; close the stream behind it. */
  async quit(): Promise<void> {
    if (this.#replies.lost === undefined) await this.#ask({ name: 'QUIT' });
  }

  #ask(command: SmtpCommand): Promise<ServerReply> {
    // What came unasked would be taken for the answer to this.
    if (this.#unansweredCount === 0) this.#replies.expectNothing();
    const { lost } = this.#replies;
    if (lost !== undefined) return Promise.resolve(lost);
    const written = this.#stream.write(formatCommand(command));
    const reply = this.#next();
    return written === undefined ? reply : written.then(() => reply);
  }

  #next(): Promise<ServerReply> {
    this.#unansweredCount += 1;
    const reply = this.#last.then(() => this.#read());
    this.#last = reply;
    return reply;
  }

  async #read(): Promise<ServerReply> {
    const reply = await this.#replies.read();
    this.#unansweredCount -= 1;
    return reply;
  }
}

function readOffer(lines: readonly string[]): LmtpOffer {
  const words = lines.map((line) => line.toUpperCase().split(/ +/u));
  const has = (keyword: string): boolean => words.some(([first]) => first === keyword);
  const size = words.find(([first]) => first === 'SIZE');
  const limitBytes = Number(size?.[1] ?? 0);
  return {
    is8Bit: has('8BITMIME'),
    isUtf8: has('SMTPUTF8'),
    hasNotifications: has('DSN'),
    sizeLimitBytes: size !== undefined && Number.isSafeInteger(limitBytes) ? limitBytes : undefined,
  };
}
