/**
 * One APPEND's way into the store: opens what takes it when its first message begins, passes
 * octets on with the store's back-pressure, and remembers why it failed, since the client goes
 * on sending and the next command begins behind that.
 */
import type { AppendOptions } from '../../grammar/command.ts';
import { type CommandResult, no } from '../command-result.ts';
import type {
  AppendPort,
  MailboxPort,
  Outcome,
  Refusal,
  ReplacedMessage,
  StoredMessages,
} from '../ports.ts';
import { refusalText, targetRefusalText } from '../refusals.ts';

/** Takes messages one behind the other. End it with `commit` or `abort`, exactly once. */
export class AppendIntake {
  readonly #mailbox: MailboxPort;
  readonly #path: string;
  readonly #replaced: ReplacedMessage | undefined;
  readonly #messageLimitBytes: number;
  #append: AppendPort | undefined;
  /** The message under way. */
  #options: AppendOptions | undefined;
  #isStarted = false;
  #sizeBytes = 0;
  #fault: { readonly error: unknown } | undefined;

  constructor(target: {
    readonly mailbox: MailboxPort;
    readonly path: string;
    readonly replaced: ReplacedMessage | undefined;
    readonly messageLimitBytes: number;
  }) {
    this.#mailbox = target.mailbox;
    this.#path = target.path;
    this.#replaced = target.replaced;
    this.#messageLimitBytes = target.messageLimitBytes;
  }

  /** A store that threw; nothing is taken any more. */
  get hasFailed(): boolean {
    return this.#fault !== undefined;
  }

  startMessage(options: AppendOptions): void {
    this.#options = options;
    this.#isStarted = false;
    this.#sizeBytes = 0;
  }

  /**
   * Asks the store to take octets of the present message, before any is invited.
   *
   * @returns why it does not.
   */
  async expect(byteCount: number): Promise<CommandResult | undefined> {
    // A message of no octets is none; a client that gives up sends that (RFC 3502 §6.3.11).
    if (byteCount === 0 && this.#options?.isCatenated !== true) {
      return no('There is no message of no octets');
    }
    this.#sizeBytes += byteCount;
    if (this.#sizeBytes > this.#messageLimitBytes) return no(refusalText('too-big'));
    return await this.#begin(byteCount);
  }

  async write(octets: Uint8Array): Promise<void> {
    if (this.#fault !== undefined) return;
    try {
      await this.#append?.write(octets);
    } catch (error) {
      this.#fault = { error };
    }
  }

  async endMessage(): Promise<CommandResult | undefined> {
    // What was put together from nothing is no message either.
    if (this.#sizeBytes === 0) return no('There is no message of no octets');
    const ended = await this.#append?.endMessage();
    return ended === undefined || ended.ok ? undefined : this.#refuse(ended.reason);
  }

  /** All messages or none. */
  async commit(): Promise<Outcome<StoredMessages> & { readonly answer?: CommandResult }> {
    const append = this.#append;
    if (append === undefined) throw new Error('an APPEND without a message');
    // Whatever comes of it, there is nothing left to abort.
    this.#append = undefined;
    const stored = await append.commit(this.#replaced);
    return stored.ok ? stored : { ...stored, answer: this.#refuse(stored.reason) };
  }

  /** Leaves nothing behind; does nothing the second time. What failed first is what counts. */
  async abort(): Promise<void> {
    const append = this.#append;
    this.#append = undefined;
    try {
      await append?.abort();
    } catch (error) {
      this.#fault ??= { error };
    }
  }

  /** Throws what the store threw. */
  raise(): never {
    throw this.#fault?.error;
  }

  async #begin(byteCount: number): Promise<CommandResult | undefined> {
    const options = this.#options;
    if (options === undefined) throw new Error('octets before a message');
    if (this.#isStarted) return undefined;
    if (this.#append === undefined) {
      const opened = await this.#mailbox.startAppend(this.#path, this.#replaced);
      if (!opened.ok) return this.#refuse(opened.reason);
      this.#append = opened.value;
    }
    const started = await this.#append.startMessage({
      flags: options.flags,
      internalDate: options.internalDate,
      sizeBytes: options.isCatenated ? undefined : byteCount,
    });
    this.#isStarted = started.ok;
    return started.ok ? undefined : this.#refuse(started.reason);
  }

  #refuse(reason: Refusal): CommandResult {
    return no(targetRefusalText(reason));
  }
}
