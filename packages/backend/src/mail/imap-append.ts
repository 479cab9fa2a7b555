/** One APPEND as IMAP sessions want it, over the store's sink. */
import type {
  AppendPort,
  ArrivingMessage,
  Outcome,
  ReplacedMessage,
  StoredMessages,
  Uid,
  UidValidity,
} from '@homeward/imap/session';
import type * as Store from '@homeward/mailstore';

/**
 * Gap: one message, of a size that is known ahead; the session offers no more until the store
 * takes more.
 */
export class ImapAppend implements AppendPort {
  readonly #mailbox: Store.Mailbox;
  readonly #path: string;
  readonly #onAppended: (byteCount: number) => void;
  #sink: Store.MessageSink | undefined;
  #sizeBytes = 0;

  constructor(mailbox: Store.Mailbox, path: string, onAppended: (byteCount: number) => void) {
    this.#mailbox = mailbox;
    this.#path = path;
    this.#onAppended = onAppended;
  }

  async startMessage(message: ArrivingMessage): Promise<Outcome<void>> {
    const { flags, internalDate, sizeBytes } = message;
    if (this.#sink !== undefined || sizeBytes === undefined) return notPermitted;
    this.#sizeBytes = sizeBytes;
    const request = { path: this.#path, flags, internalDate, sizeBytes };
    const started = await this.#mailbox.startAppend(request);
    if (!started.ok) {
      return { ok: false, reason: started.reason === 'in-use' ? 'unavailable' : started.reason };
    }
    this.#sink = started.value;
    return done;
  }

  write(octets: Uint8Array): Promise<void> | undefined {
    return this.#sink?.write(octets);
  }

  endMessage(): Outcome<void> {
    return done;
  }

  async commit(replaced: ReplacedMessage | undefined): Promise<Outcome<StoredMessages>> {
    if (this.#sink === undefined) throw new Error('no message was started');
    if (replaced !== undefined) {
      await this.#sink.abort();
      return notPermitted;
    }
    const stored = await this.#sink.commit();
    if (!stored.ok) {
      return { ok: false, reason: stored.reason === 'in-use' ? 'unavailable' : stored.reason };
    }
    this.#onAppended(this.#sizeBytes);
    const { uidValidity, uid } = stored.value;
    return {
      ok: true,
      value: {
        uidValidity: uidValidity as number as UidValidity,
        uids: [uid as number as Uid],
      },
    };
  }

  async abort(): Promise<void> {
    await this.#sink?.abort();
  }
}

const done: Outcome<void> = { ok: true, value: undefined };
const notPermitted = { ok: false, reason: 'not-permitted' } as const;
