/**
 * A message that a mail program puts into a folder by itself. In the folder for sent mail it takes
 * the place of the copy that was made here when it was sent.
 */
import type {
  AppendedMessages,
  Mailbox,
  MessageSink,
  NewMessage,
  Outcome,
  ReplacedMessage,
  Uid,
} from '@homeward/mailstore';
import { HeaderSplitter, splitFields } from '@homeward/smtp/message';
import { findMessageId } from './prepare-header.ts';
import type { SentCopies } from './sent-copies.ts';

/** A header of more is not looked at. */
const HEADER_BYTES = 64 * 1_024;

/** Stands before the store's sink. */
export class SentSink implements MessageSink {
  readonly #sink: MessageSink;
  readonly #mailbox: Mailbox;
  readonly #path: string;
  readonly #copies: SentCopies;
  #splitter: HeaderSplitter | undefined;
  #messageId: string | undefined;
  #messageCount = 0;

  /** @param path Where `sink` puts what it gets. */
  constructor(sink: MessageSink, mailbox: Mailbox, path: string, copies: SentCopies) {
    this.#sink = sink;
    this.#mailbox = mailbox;
    this.#path = path;
    this.#copies = copies;
  }

  startMessage(message: NewMessage): Promise<Outcome<void>> | Outcome<void> {
    this.#messageCount += 1;
    this.#splitter = this.#messageCount === 1 ? new HeaderSplitter(HEADER_BYTES) : undefined;
    return this.#sink.startMessage(message);
  }

  write(octets: Uint8Array): Promise<void> | undefined {
    const piece = this.#splitter?.push(Buffer.from(octets));
    if (piece !== undefined && piece.kind !== 'need-more') {
      this.#splitter = undefined;
      if (piece.kind === 'header') this.#messageId = findMessageId(splitFields(piece.header));
    }
    return this.#sink.write(octets);
  }

  endMessage(): Promise<Outcome<void>> | Outcome<void> {
    return this.#sink.endMessage();
  }

  async commit(replacing?: ReplacedMessage): Promise<Outcome<AppendedMessages>> {
    const messageId = this.#messageCount === 1 ? this.#messageId : undefined;
    if (replacing !== undefined || messageId === undefined) return this.#sink.commit(replacing);
    const { accountId } = this.#mailbox;
    const copy = this.#copies.find(accountId, messageId, this.#path);
    const opened = copy && (await this.#mailbox.openFolder(this.#path, false));
    const folder = opened?.ok === true ? opened.value : undefined;
    try {
      const isThere =
        folder !== undefined &&
        folder.uidValidity === copy?.uidValidity &&
        folder.index.positionOf(copy.uid as Uid) !== -1;
      const replaced = isThere ? { folder, uid: copy.uid as Uid } : undefined;
      const stored = await this.#sink.commit(replaced);
      if (stored.ok) await this.#copies.noteOwn(this.#mailbox, messageId, this.#path);
      return stored;
    } finally {
      folder?.close();
    }
  }

  abort(): Promise<void> {
    return this.#sink.abort();
  }
}
