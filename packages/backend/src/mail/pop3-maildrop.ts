/** The store's maildrop as POP3 sessions see it. */
import type { Maildrop } from '@homeward/mailstore';
import { decodeShape, listHeaderRanges, type OctetRange } from '@homeward/mime';
import type { MaildropPort, OpenedMessage } from '@homeward/pop3/session';

/** The store no longer has it: all of the message counts as header, so nothing slips through. */
const ALL: readonly OctetRange[] = [{ start: 0, end: Number.MAX_SAFE_INTEGER }];

const DAY_MS = 86_400_000;

/** For one session. Whoever opened the maildrop closes it. */
export class Pop3Maildrop implements MaildropPort {
  readonly mayRemove = true;
  readonly #maildrop: Maildrop;
  readonly #nowMs: () => number;

  constructor(maildrop: Maildrop, nowMs: () => number) {
    this.#maildrop = maildrop;
    this.#nowMs = nowMs;
  }

  get messageCount(): number {
    return this.#maildrop.messageCount;
  }

  sizeBytesAt(index: number): number {
    return this.#maildrop.sizeBytesAt(index);
  }

  uidlAt(index: number): string {
    return this.#maildrop.uidlAt(index);
  }

  open(index: number): OpenedMessage {
    return this.#maildrop.open(index);
  }

  async findHeaders(index: number): Promise<readonly OctetRange[]> {
    const octets = await this.#maildrop.readShape(index);
    const shape = octets && decodeShape(octets);
    return shape === undefined ? ALL : listHeaderRanges(shape);
  }

  findExpired(days: number): Promise<Uint32Array> {
    return this.#maildrop.findSeenBefore(this.#nowMs() - days * DAY_MS);
  }

  remove(indexes: Uint32Array): Promise<boolean> {
    return this.#maildrop.remove(indexes);
  }

  markSeen(index: number): void {
    this.#maildrop.markSeen(index);
  }

  unlock(): void {
    this.#maildrop.unlock();
  }
}
