/**
 * APPENDs in flight, answered in order: the site makes those durable together that wait together.
 * A big message is sent alone, after the site has invited it, so that one that is refused is not
 * sent at all.
 */
import { formatInternalDate, formatMailbox } from '@homeward/imap/grammar';
import type { OwnerAnswer, OwnerConnection } from '../owner/owner-connection.ts';
import type { MessageContent } from './message-content.ts';

/** How many may wait for their answers. */
const WINDOW = 16;
const WINDOW_BYTES = 4 * 1024 * 1024;
/** What is bigger is big. */
const BIG_BYTES = 1024 * 1024;

/** A message to append. */
export interface AppendRequest {
  readonly place: string;
  readonly flags: readonly string[];
  readonly receivedMs: number;
  readonly content: MessageContent;
}

interface Sent {
  readonly place: string;
  readonly bytes: number;
  readonly onStored: () => void;
}

/** Appends to one folder. */
export class AppendWindow {
  readonly #connection: OwnerConnection;
  readonly #path: string;
  readonly #onRefused: (place: string, reason: string) => void;
  readonly #inFlight: Sent[] = [];
  #bytes = 0;

  constructor(
    connection: OwnerConnection,
    path: string,
    onRefused: (place: string, reason: string) => void,
  ) {
    this.#connection = connection;
    this.#path = path;
    this.#onRefused = onRefused;
  }

  /**
   * Sends a message; the content may be closed when this resolves.
   *
   * @param onStored Called once the site has stored it, maybe later.
   */
  async append(request: AppendRequest, onStored: () => void): Promise<void> {
    const { place, flags, receivedMs, content } = request;
    const words = flags.length === 0 ? '' : ` (${flags.join(' ')})`;
    const date = formatInternalDate({ epochMs: receivedMs, zoneMinutes: 0 });
    const command = `APPEND ${formatMailbox(this.#path)}${words} ${date}`;
    const bytes = content.sizeBytes;
    if (bytes > BIG_BYTES) {
      await this.drain();
      const answer = await this.#connection.runInvited(command, bytes, content.chunks());
      this.#settle({ place, bytes: 0, onStored }, answer);
      return;
    }
    const isFull = (): boolean =>
      this.#inFlight.length >= WINDOW || this.#bytes + bytes > WINDOW_BYTES;
    while (this.#inFlight.length > 0 && isFull()) await this.#settleFirst();
    await this.#connection.send(command, { sizeBytes: bytes, chunks: content.chunks() });
    this.#inFlight.push({ place, bytes, onStored });
    this.#bytes += bytes;
  }

  /** Waits for all answers. */
  async drain(): Promise<void> {
    while (this.#inFlight.length > 0) await this.#settleFirst();
  }

  async #settleFirst(): Promise<void> {
    const answer = await this.#connection.nextAnswer();
    const sent = this.#inFlight.shift();
    if (sent !== undefined) this.#settle(sent, answer);
  }

  #settle({ place, bytes, onStored }: Sent, answer: OwnerAnswer): void {
    this.#bytes -= bytes;
    if (answer.status === 'OK') onStored();
    else this.#onRefused(place, answer.text);
  }
}
