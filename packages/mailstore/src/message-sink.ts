/**
 * An append of one or several messages: all of them are stored, or none (RFC 3502 §6.3.11). A
 * message at a time comes in; those that have arrived wait for the end, in memory while they
 * are few, put aside in the database when they get many.
 */
import { errorCode } from '@homeward/durable-store';
import { ArrivingMessage, type ArrivalParts } from './arriving-message.ts';
import type {
  AppendedMessages,
  InternalDate,
  MessageSink,
  NewMessage,
  Outcome,
  ReplacedMessage,
} from './api.ts';
import type { ArrivedMessage, ReceivedMessage } from './operations/append-messages.ts';

/** Octets of messages and descriptions held in memory; more are put aside. */
const HELD_BYTES = 512 * 1024;
const DONE = { ok: true, value: undefined } as const;

/** What an append needs of its mailbox. */
export interface SinkParts extends ArrivalParts {
  readonly messageBytes: number;
  /** Where a message without a date gets it from. */
  readonly now: InternalDate;
  /** Whether a message may come after others of this append. */
  readonly admit: (message: NewMessage, before: HeldSums) => Outcome<void>;
  /** Puts messages aside. @returns Their ids. */
  readonly stage: (messages: readonly ReceivedMessage[]) => Promise<Outcome<number[]>>;
  readonly giveUpStaged: (ids: readonly number[]) => Promise<void>;
  /** The one transaction in which all of them appear. */
  readonly append: (
    messages: readonly ArrivedMessage[],
    replacing: ReplacedMessage | undefined,
  ) => Promise<Outcome<AppendedMessages>>;
  readonly onFault: (code: string) => void;
}

/** What an append has so far. */
export interface HeldSums {
  readonly messageCount: number;
  readonly totalBytes: number;
}

/** A message that has arrived. `body` changes when it is put aside. */
interface HeldMessage extends ArrivedMessage {
  body: ArrivedMessage['body'];
}

export class StoreMessageSink implements MessageSink {
  readonly #parts: SinkParts;
  readonly #held: HeldMessage[] = [];
  /** Those that have files, and what was refused: to be removed if nothing comes of it. */
  readonly #files: ArrivingMessage[] = [];
  readonly #sums = { messageCount: 0, totalBytes: 0 };
  #current: { readonly announced: NewMessage; readonly arriving: ArrivingMessage } | undefined;
  /** The first of `#held` that is not put aside, and how much there is from it on. */
  #unstagedFrom = 0;
  #unstagedBytes = 0;
  #staging: Promise<void> = Promise.resolve();
  #refusal: Outcome<never> | undefined;
  #isEnded = false;

  constructor(parts: SinkParts) {
    this.#parts = parts;
  }

  startMessage(announced: NewMessage): Outcome<void> {
    if (this.#current !== undefined) throw new Error('a message is under way');
    if (this.#refusal !== undefined) return this.#refusal;
    const admitted = this.#parts.admit(announced, this.#sums);
    if (!admitted.ok) return this.#refuse(admitted);
    const { sizeBytes } = announced;
    const maxBytes = this.#parts.messageBytes;
    const arriving = new ArrivingMessage(this.#parts, { sizeBytes, maxBytes });
    this.#current = { announced, arriving };
    return DONE;
  }

  write(octets: Uint8Array): Promise<void> | undefined {
    // After an abort, what is still on its way goes nowhere.
    return this.#isEnded ? undefined : this.#current?.arriving.write(octets);
  }

  endMessage(): Outcome<void> | Promise<Outcome<void>> {
    const current = this.#current;
    if (current === undefined) throw new Error('no message is under way');
    const { announced, arriving } = current;
    const received = arriving.isTooBig ? undefined : arriving.end();
    this.#current = undefined;
    if (received === undefined) {
      this.#files.push(arriving);
      return this.#refuse({ ok: false, reason: 'too-big' });
    }
    if (!(received instanceof Promise)) return this.#hold(announced, received);
    this.#files.push(arriving);
    return this.#holdFile(announced, received);
  }

  async commit(replacing?: ReplacedMessage): Promise<Outcome<AppendedMessages>> {
    if (this.#isEnded || this.#current !== undefined) {
      throw new Error('a sink was ended twice, or within a message');
    }
    this.#isEnded = true;
    if (this.#unstagedFrom > 0) await this.#staging;
    if (this.#files.length > 0 && this.#refusal === undefined) await this.#syncNames();
    if (this.#refusal !== undefined) {
      await this.#discard();
      return this.#refusal;
    }
    const outcome = await this.#parts.append(this.#held, replacing);
    // After `unavailable` the rows may yet be there: opening the mailbox will tell, and clean.
    if (!outcome.ok && outcome.reason !== 'unavailable') await this.#discard();
    return outcome;
  }

  async abort(): Promise<void> {
    if (this.#isEnded) return;
    this.#isEnded = true;
    await this.#staging;
    await this.#discard();
  }

  async #holdFile(
    announced: NewMessage,
    received: Promise<ReceivedMessage>,
  ): Promise<Outcome<void>> {
    let message: ReceivedMessage;
    try {
      message = await received;
    } catch (error) {
      this.#parts.onFault(errorCode(error));
      return this.#refuse({ ok: false, reason: 'unavailable' });
    }
    return this.#hold(announced, message);
  }

  #hold(announced: NewMessage, body: ReceivedMessage): Outcome<void> | Promise<Outcome<void>> {
    const { flags, internalDate = this.#parts.now } = announced;
    const { sizeBytes } = body;
    if (announced.sizeBytes === undefined) {
      const admitted = this.#parts.admit({ ...announced, sizeBytes }, this.#sums);
      if (!admitted.ok) return this.#refuse(admitted);
    }
    this.#held.push({ flags, internalDate, sizeBytes, body });
    this.#sums.messageCount += 1;
    this.#sums.totalBytes += sizeBytes;
    this.#unstagedBytes += heldBytes(body);
    // One alone may be described later; of several, only what is counted is held.
    if (this.#held.length === 2) this.#describeRest(this.#held[0]);
    if (this.#held.length > 1) this.#describeRest(this.#held.at(-1));
    return this.#unstagedBytes < HELD_BYTES ? DONE : this.#stage();
  }

  #describeRest(message: HeldMessage | undefined): void {
    if (message === undefined || 'stagedId' in message.body) return;
    const { description } = message.body;
    const rest = description.describeRest();
    message.body = { ...message.body, description: { ...description, describeRest: () => rest } };
    this.#unstagedBytes += bytesOf(rest.header, rest.preview, rest.sortFacts);
  }

  /** Waits for the last time only: what is put aside now is so while more comes in. */
  async #stage(): Promise<Outcome<void>> {
    await this.#staging;
    if (this.#refusal !== undefined) return this.#refusal;
    const staged = this.#held.slice(this.#unstagedFrom);
    this.#unstagedFrom = this.#held.length;
    this.#unstagedBytes = 0;
    this.#staging = this.#putAside(staged);
    return DONE;
  }

  async #putAside(messages: readonly HeldMessage[]): Promise<void> {
    const bodies = messages.flatMap(({ body }) => ('stagedId' in body ? [] : body));
    const staged = await this.#parts.stage(bodies);
    if (!staged.ok) {
      this.#refusal ??= staged;
      return;
    }
    for (const [at, message] of messages.entries()) {
      const stagedId = staged.value[at];
      if (stagedId !== undefined) message.body = { stagedId };
    }
  }

  async #syncNames(): Promise<void> {
    const { files, messagesPath, onFault } = this.#parts;
    try {
      await files.syncFolder(messagesPath);
    } catch (error) {
      onFault(errorCode(error));
      this.#refusal = { ok: false, reason: 'unavailable' };
    }
  }

  #refuse(refusal: Outcome<never>): Outcome<never> {
    this.#refusal ??= refusal;
    return this.#refusal;
  }

  async #discard(): Promise<void> {
    const ids = this.#held.flatMap(({ body }) => ('stagedId' in body ? body.stagedId : []));
    // The rows first: none may point to a file that is gone.
    if (ids.length > 0) await this.#parts.giveUpStaged(ids);
    const current = this.#current === undefined ? [] : [this.#current.arriving];
    this.#current = undefined;
    for (const message of [...this.#files, ...current]) {
      try {
        await message.discard();
      } catch (error) {
        this.#parts.onFault(errorCode(error));
      }
    }
  }
}

/** About what a message takes in memory, without the rest of its description. */
function heldBytes({ content, description }: ReceivedMessage): number {
  const { envelope, body, bodyStructure, shape } = description;
  const octets = 'octets' in content ? content.octets : undefined;
  return 500 + bytesOf(envelope, body, bodyStructure, shape, octets);
}

function bytesOf(...parts: readonly (Uint8Array | undefined)[]): number {
  return parts.reduce((sum, part) => sum + (part?.length ?? 0), 0);
}
