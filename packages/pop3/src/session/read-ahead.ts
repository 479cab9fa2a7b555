/**
 * Opens the next message while the client is busy with the last one. Most clients fetch message
 * after message in the order of their numbers and wait for each: what was opened meanwhile is
 * sent without another wait for the store. At most one message is held so.
 */
import type { MaildropView } from './maildrop-view.ts';
import type { MaildropContent, MaildropPort, OpenedMessage } from './ports.ts';

/** Who opens messages for one session. Release it at the end. */
export class ReadAhead {
  readonly #maildrop: MaildropPort;
  readonly #view: MaildropView;
  readonly #headBytes: number;
  /** The number that was fetched last, and whether it followed the one before. */
  #lastMessage = 0;
  #isInOrder = false;
  #ahead: { readonly index: number; readonly opened: OpenedMessage } | undefined;

  /** @param headBytes How much of a large message is read at once. */
  constructor(maildrop: MaildropPort, view: MaildropView, headBytes: number) {
    this.#maildrop = maildrop;
    this.#view = view;
    this.#headBytes = headBytes;
  }

  /** @returns A message, opened before or now; the caller closes it. */
  open(index: number): OpenedMessage {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead?.index === index) return ahead.opened;
    if (ahead !== undefined) void closeUnused(ahead.opened);
    return this.#maildrop.open(index);
  }

  /** A client has fetched a message as a whole. */
  noteFetched(message: number): void {
    this.#isInOrder = message === this.#lastMessage + 1;
    this.#lastMessage = message;
  }

  /** To be called when there is time: opens the message that is probably wanted next. */
  prepare(): void {
    if (!this.#isInOrder || this.#ahead !== undefined) return;
    this.#isInOrder = false;
    const index = this.#view.findIndex(this.#lastMessage + 1);
    if (index === undefined) return;
    try {
      const opened = this.#maildrop.open(index);
      if (opened instanceof Uint8Array) this.#ahead = { index, opened };
      else this.#hold(index, readHead(opened, this.#headBytes));
    } catch {
      // A store that fails now is asked again when the message is wanted, and heard then.
    }
  }

  /** Closes what is open and was not wanted. */
  async release(): Promise<void> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead !== undefined) await closeUnused(ahead.opened);
  }

  #hold(index: number, opened: Promise<MaildropContent | undefined>): void {
    const ahead = { index, opened };
    this.#ahead = ahead;
    opened.catch(() => {
      if (this.#ahead === ahead) this.#ahead = undefined;
    });
  }
}

/** The first read is under way before anybody asks for it. */
async function readHead(
  opened: Promise<MaildropContent | undefined>,
  headBytes: number,
): Promise<MaildropContent | undefined> {
  const content = await opened;
  if (content === undefined) return undefined;
  const head = content.read(0, Math.min(headBytes, content.sizeBytes));
  head.catch(() => undefined);
  return {
    sizeBytes: content.sizeBytes,
    read: (offset, count) =>
      offset === 0 ? head.then((octets) => octets.subarray(0, count)) : content.read(offset, count),
    close: async () => {
      await head.catch(() => undefined);
      await content.close();
    },
  };
}

async function closeUnused(opened: OpenedMessage): Promise<void> {
  if (opened instanceof Uint8Array) return;
  try {
    await (await opened)?.close();
  } catch {
    // Nobody wanted it.
  }
}
