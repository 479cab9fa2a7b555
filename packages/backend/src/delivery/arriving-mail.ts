/**
 * A message that comes in by submission or LMTP: its header is gathered and made over, the rest
 * passes into the spool. What goes wrong shows when it is whole; until then octets are dropped.
 */
import { enqueueRefusalReply, type Spool, type SpooledMessage } from '@homeward/mail-queue';
import { HeaderSplitter } from '@homeward/smtp/message';
import type { Receipt, MessageSink, Refusal } from '@homeward/smtp/session';

/** Exchange: MaxHeaderSize. */
const HEADER_BYTES = 256 * 1_024;
const HEADER_TOO_LONG: Refusal = {
  code: 552,
  enhanced: '5.3.4',
  text: `The header has more than ${HEADER_BYTES} octets`,
};
export interface ArrivingMailParts {
  readonly spool: Spool;
  readonly recipientCount: number;
  /**
   * Makes a header over.
   *
   * @param header Without the empty line behind it.
   * @returns With it, or why the message is refused.
   */
  readonly prepareHeader: (header: Buffer) => Promise<Buffer | Refusal>;
  /** Sends it on its way, and frees it. */
  readonly deliver: (message: SpooledMessage) => Promise<Receipt>;
  readonly reference: string;
}

export class ArrivingMail implements MessageSink {
  readonly #parts: ArrivingMailParts;
  readonly #splitter = new HeaderSplitter(HEADER_BYTES);
  #isHeaderDone = false;
  #refusal: Refusal | undefined;

  constructor(parts: ArrivingMailParts) {
    this.#parts = parts;
  }

  write(octets: Uint8Array): Promise<void> | undefined {
    if (this.#refusal !== undefined) return undefined;
    if (this.#isHeaderDone) return this.#parts.spool.write(octets);
    const piece = this.#splitter.push(Buffer.from(octets));
    if (piece.kind === 'need-more') return undefined;
    if (piece.kind === 'header') return this.#takeHeader(piece.header, piece.body);
    this.#refusal = HEADER_TOO_LONG;
    return undefined;
  }

  async commit(): Promise<Receipt> {
    if (!this.#isHeaderDone && this.#refusal === undefined) {
      const { header, body } = this.#splitter.finish();
      await this.#takeHeader(header, body);
    }
    const { spool, deliver } = this.#parts;
    if (this.#refusal !== undefined) {
      await spool.abort();
      return this.#refuseAll(this.#refusal);
    }
    const message = await spool.finish();
    if (typeof message !== 'string') return deliver(message);
    return this.#refuseAll(enqueueRefusalReply(message));
  }

  abort(): Promise<void> {
    return this.#parts.spool.abort();
  }

  async #takeHeader(header: Buffer, body: Buffer): Promise<void> {
    this.#isHeaderDone = true;
    const prepared = await this.#parts.prepareHeader(header);
    if ('code' in prepared) {
      this.#refusal = prepared;
      return;
    }
    await this.#parts.spool.write(prepared);
    if (body.length > 0) await this.#parts.spool.write(body);
  }

  #refuseAll(refusal: Refusal): Receipt {
    const { recipientCount, reference } = this.#parts;
    return { reference, refusals: Array.from({ length: recipientCount }, () => refusal) };
  }
}
