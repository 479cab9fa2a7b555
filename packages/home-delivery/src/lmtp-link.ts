/**
 * One connection to a worker's LMTP port, with a bound on every wait. It carries one transaction
 * after another; who has it gives it back by `release`, or cuts it by `destroy`, which is the only
 * way out of a message that has begun and shall not be delivered.
 */
import type { NetClock, SocketStream } from '@homeward/net';
import { LmtpClient, type ServerReply } from '@homeward/smtp/upstream';

/** In milliseconds. */
export interface LinkLimits {
  /** Look-up of the name, connecting, TLS. */
  readonly dialMs: number;
  /** From a command to its answer. */
  readonly answerMs: number;
  /** From the end of a message to the last answer for it: mailboxes are synced in between. */
  readonly finalMs: number;
  /** For how long a server may take nothing of a message. */
  readonly stallMs: number;
  /** For those last answers when the transaction shall end soon. */
  readonly lastWordMs: number;
}

const LINGER_MS = 1_000;

export class LmtpLink {
  readonly client: LmtpClient;
  readonly #stream: SocketStream;
  readonly #clock: NetClock;
  readonly #limits: LinkLimits;
  readonly #onReleased: (link: LmtpLink) => void;
  #isInMessage = false;
  #isAnswerDue = false;
  #isReleased = false;

  /** @param onReleased Called once for each time that it is given to somebody. */
  constructor(
    stream: SocketStream,
    clock: NetClock,
    limits: LinkLimits,
    onReleased: (link: LmtpLink) => void,
  ) {
    this.#stream = stream;
    this.#clock = clock;
    this.#limits = limits;
    this.#onReleased = onReleased;
    this.client = new LmtpClient(stream);
    stream.setIdleLimit(limits.answerMs);
  }

  /** Whether another transaction may begin. */
  get isUsable(): boolean {
    return this.client.lost === undefined && this.#stream.isOpen && !this.#isInMessage;
  }

  /** DATA; see `LmtpClient`. */
  async startMessage(): Promise<ServerReply> {
    const reply = await this.client.startMessage();
    if (reply.code !== 354) return reply;
    this.#isInMessage = true;
    // Answers are waited for from now on, and the message may take its time to come.
    this.#stream.setIdleLimit(0);
    return reply;
  }

  /** See `LmtpClient`. A server that takes nothing for too long is given up. */
  write(octets: Uint8Array): Promise<void> | undefined {
    const taken = this.client.write(octets);
    if (taken === undefined) return undefined;
    const cancel = this.#clock.after(this.#limits.stallMs, () => this.#stream.destroy('stalled'));
    return taken.then(cancel);
  }

  /** See `LmtpClient`. */
  async endMessage(): Promise<readonly ServerReply[]> {
    this.#stream.setIdleLimit(this.#limits.finalMs);
    this.#isAnswerDue = true;
    const replies = await this.client.endMessage();
    this.#isAnswerDue = false;
    this.#isInMessage = false;
    this.#stream.setIdleLimit(this.#limits.answerMs);
    return replies;
  }

  /** It is lent out anew. */
  take(): void {
    this.#isReleased = false;
  }

  /** For the next one; behind a message that was not ended it is cut. Idempotent. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    if (!this.isUsable) this.#stream.destroy('of no use any more');
    this.#onReleased(this);
  }

  /** Instead of `release`. */
  destroy(): void {
    this.#stream.destroy('given up');
    this.release();
  }

  /**
   * Soon: at once but behind a whole message, whose answers are waited for a little, since it would
   * be sent a second time without them. It is still to be released.
   */
  hurry(): void {
    if (this.#isAnswerDue) this.#stream.setIdleLimit(this.#limits.lastWordMs);
    else this.#stream.destroy('given up');
  }

  /** As `destroy`, but nobody is told: another one takes its place. */
  discard(): void {
    this.#isReleased = true;
    this.#stream.destroy('replaced');
  }

  /** In order, with QUIT, whose answer is not waited for. Settles when the connection is gone. */
  async close(): Promise<void> {
    const quit = this.isUsable ? this.client.quit() : undefined;
    await Promise.all([quit, this.#stream.end(LINGER_MS)]);
  }
}
