/**
 * The time that a client has before it is logged in: however it spreads its octets, it gets no
 * more. Waiting for our answers does not count.
 */
import type { SocketStream } from '@homeward/net';
import type { Clock } from '@homeward/service';
import type { StreamEnd } from '@homeward/wire';

/** A client has little to do before it believes us: one computation, one round trip. */
const PROOF_LIMIT_MS = 10_000;

export interface PreAuthTimeParts {
  readonly stream: Pick<SocketStream, 'read' | 'setIdleLimit'>;
  readonly clock: Pick<Clock, 'elapsedMs'>;
  /** Read at each start. */
  readonly limitMs: () => number;
}

/** Of one connection, from now on. */
export class PreAuthTime {
  readonly #parts: PreAuthTimeParts;
  #untilMs = 0;

  constructor(parts: PreAuthTimeParts) {
    this.#parts = parts;
    this.restart();
  }

  /** After the answer to an attempt. */
  restart(): void {
    this.#startFor(this.#parts.limitMs());
  }

  /** While the client looks at our proof, its place and its mailbox are held for it. */
  awaitBelief(): void {
    this.#startFor(PROOF_LIMIT_MS);
  }

  /** As the stream's own, for what is left of the time. */
  async read(): Promise<Uint8Array | StreamEnd> {
    const { stream, clock } = this.#parts;
    const leftMs = this.#untilMs - clock.elapsedMs();
    if (leftMs <= 0) return 'timed-out';
    stream.setIdleLimit(leftMs);
    return stream.read();
  }

  #startFor(limitMs: number): void {
    const { stream, clock } = this.#parts;
    this.#untilMs = clock.elapsedMs() + limitMs;
    // For what is written before the next reading.
    stream.setIdleLimit(limitMs);
  }
}
