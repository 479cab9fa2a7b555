/**
 * nodemailer's SMTPConnection as promises: one operation at a time, each with a limit and a signal,
 * each failed by whatever ends the connection.
 *
 * Two things of its inside are used, since its own options are too narrow: the lines of MAIL and
 * RCPT are replaced before they leave (it has one set of notification parameters for all
 * recipients, and SMTPUTF8 only by the addresses), and which recipients were refused is asked of
 * its envelope (a refused message makes it forget them). Both are looked for at the start.
 */
import type { NetClock } from '@homeward/net';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { Interrupted } from './host-failure.ts';

/** As nodemailer calls back. */
export type Done<Result> = (error: Error | null | undefined, result?: Result) => void;

/** The other side closed, or something took too long. */
export class LinkLost extends Error {
  override readonly name = 'LinkLost';
}

/** What a message's envelope looks like on the wire. */
export interface EnvelopeLines {
  readonly mail: string;
  /** One for each recipient, in the order in which nodemailer is given them. */
  readonly recipients: readonly string[];
}

interface Insides {
  _sendCommand: (this: SMTPConnection, line: string, logged?: string) => void;
  readonly _envelope:
    | { readonly rejectedErrors: readonly { recipient?: string; response?: string }[] }
    | false;
}

/**
 * Who gives up on a message that has been sent hears what became of it, if that comes soon: else it
 * would be sent a second time.
 */
export const LAST_WORD_MS = 5_000;

export class NodemailerLink {
  readonly smtp: SMTPConnection;
  readonly #insides: Insides;
  readonly #clock: NetClock;
  #lines: EnvelopeLines = { mail: '', recipients: [] };
  #nextRecipient = 0;
  #fail: ((error: Error) => void) | undefined;
  #cancelLimit: (() => void) | undefined;
  #isSent = false;

  constructor(options: SMTPConnection.Options, clock: NetClock) {
    this.smtp = new SMTPConnection(options);
    this.#clock = clock;
    this.#insides = this.smtp as unknown as Insides;
    this.#replaceLines();
    this.smtp.on('error', (error: Error) => this.#fail?.(error));
    // What nodemailer still has to say about the end comes in the same turn.
    this.smtp.on('end', () => {
      queueMicrotask(() => this.#fail?.(new LinkLost('the connection was closed')));
    });
  }

  get isOpen(): boolean {
    return !this.smtp.destroyed;
  }

  /**
   * Runs one operation. When it fails other than by an answer, the connection is of no more use.
   *
   * @throws What nodemailer says; LinkLost; Interrupted.
   */
  async run<Result>(
    { limitMs, signal }: { readonly limitMs: number; readonly signal: AbortSignal },
    start: (done: Done<Result>) => void,
  ): Promise<Result | undefined> {
    if (signal.aborted) throw new Interrupted('interrupted');
    if (!this.isOpen) throw new LinkLost('the connection is closed');
    const { promise, resolve, reject } = Promise.withResolvers<Result | undefined>();
    const abort = (): void => {
      if (this.#isSent) this.limit(LAST_WORD_MS);
      else reject(new Interrupted('interrupted'));
    };
    this.#isSent = false;
    signal.addEventListener('abort', abort);
    this.#fail = reject;
    this.limit(limitMs);
    try {
      start((error, result) => {
        if (error) reject(error);
        else resolve(result);
      });
      return await promise;
    } finally {
      this.#fail = undefined;
      this.#cancelLimit?.();
      signal.removeEventListener('abort', abort);
    }
  }

  /** From now on the operation under way has so long. */
  limit(limitMs: number): void {
    this.#cancelLimit?.();
    this.#cancelLimit = this.#clock.after(limitMs, () => this.#fail?.(new LinkLost('too late')));
  }

  /** The message of the operation under way has been handed over. */
  noteSent(): void {
    this.#isSent = true;
  }

  /** What the next envelope shall look like. */
  useLines(lines: EnvelopeLines): void {
    this.#lines = lines;
    this.#nextRecipient = 0;
  }

  /** The refused recipients of the last envelope, each with the whole reply. */
  refusals(): ReadonlyMap<string, string> {
    const envelope = this.#insides._envelope;
    const errors = envelope === false ? [] : envelope.rejectedErrors;
    return new Map(errors.map(({ recipient = '', response = '' }) => [recipient, response]));
  }

  #replaceLines(): void {
    const send = this.#insides._sendCommand;
    if (typeof send !== 'function') throw new TypeError('this is not the nodemailer we know');
    this.#insides._sendCommand = (line, logged) => {
      send.call(this.smtp, this.#replaceLine(line), logged);
    };
  }

  #replaceLine(line: string): string {
    if (line.startsWith('MAIL FROM:')) return this.#lines.mail;
    if (!line.startsWith('RCPT TO:')) return line;
    const replaced = this.#lines.recipients[this.#nextRecipient];
    this.#nextRecipient += 1;
    if (replaced === undefined) throw new Error('nodemailer has a recipient too many');
    return replaced;
  }
}
