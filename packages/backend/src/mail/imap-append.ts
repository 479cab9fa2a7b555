/** One APPEND as IMAP sessions want it, over the store's sink. */
import type {
  AppendPort,
  ArrivingMessage,
  FolderPort,
  Outcome,
  ReplacedMessage,
  StoredMessages,
  Uid,
  UidValidity,
} from '@homeward/imap/session';
import type * as Store from '@homeward/mailstore';

export interface ImapAppendOptions {
  /** Hears of the octets that were stored; must not throw. */
  readonly onAppended: (byteCount: number) => void;
  /** The store's side of a folder; undefined if it is none of this store. */
  readonly storeFolderOf: (folder: FolderPort) => Store.Folder | undefined;
}

export class ImapAppend implements AppendPort {
  readonly #sink: Store.MessageSink;
  readonly #options: ImapAppendOptions;
  #writtenBytes = 0;

  constructor(sink: Store.MessageSink, options: ImapAppendOptions) {
    this.#sink = sink;
    this.#options = options;
  }

  startMessage(message: ArrivingMessage): Promise<Outcome<void>> | Outcome<void> {
    return adapt(this.#sink.startMessage(message));
  }

  write(octets: Uint8Array): Promise<void> | undefined {
    this.#writtenBytes += octets.length;
    return this.#sink.write(octets);
  }

  endMessage(): Promise<Outcome<void>> | Outcome<void> {
    return adapt(this.#sink.endMessage());
  }

  async commit(replaced: ReplacedMessage | undefined): Promise<Outcome<StoredMessages>> {
    const folder = replaced && this.#options.storeFolderOf(replaced.folder);
    if (replaced !== undefined && folder === undefined) {
      await this.#sink.abort();
      return { ok: false, reason: 'not-permitted' };
    }
    const stored = await this.#sink.commit(
      folder && { folder, uid: replaced?.uid as number as Store.Uid },
    );
    if (!stored.ok) return refused(stored);
    this.#options.onAppended(this.#writtenBytes);
    const { uidValidity, uids } = stored.value;
    return {
      ok: true,
      value: {
        uidValidity: uidValidity as number as UidValidity,
        uids: uids as readonly number[] as readonly Uid[],
      },
    };
  }

  abort(): Promise<void> {
    return this.#sink.abort();
  }
}

type StoreStep = Store.Outcome<void>;

function adapt(outcome: Promise<StoreStep> | StoreStep): Promise<Outcome<void>> | Outcome<void> {
  if (outcome instanceof Promise) return outcome.then(adaptStep);
  return adaptStep(outcome);
}

function adaptStep(outcome: StoreStep): Outcome<void> {
  return outcome.ok ? outcome : refused(outcome);
}

/** The lock of a maildrop is none of an append's reasons. */
function refused({ reason }: { readonly reason: Store.Refusal }): Outcome<never> {
  return { ok: false, reason: reason === 'in-use' ? 'unavailable' : reason };
}
