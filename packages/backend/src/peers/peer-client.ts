/**
 * The calling end of a connection to another worker: calls are answered, or the connection is
 * lost; things that happen there are told. Objects at the other end are numbers here.
 */
import type { Clock } from '@homeward/service';
import type { OctetStream } from '@homeward/wire';
import { FrameStream } from './frame-stream.ts';
import type { PeerCall, PeerMessage } from './peer-messages.ts';

/** A worker that takes so long is as good as gone. */
const CALL_LIMIT_MS = 60_000;

/** What a call comes to. */
export type Answer<Value> =
  | { readonly isLost: false; readonly value: Value }
  | { readonly isLost: true };

const LOST = { isLost: true } as const;

interface Waiting {
  readonly settle: (answer: Answer<unknown>) => void;
  readonly cancelTimer: () => void;
}

export interface PeerClientParts {
  readonly stream: OctetStream;
  readonly clock: Pick<Clock, 'after'>;
  /** Ends the connection now. */
  readonly destroy: () => void;
}

/** Close it. */
export class PeerClient {
  readonly #parts: PeerClientParts;
  readonly #frames: FrameStream;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Map<number, (event: unknown) => void>();
  readonly #lostListeners = new Set<() => void>();
  #nextId = 1;
  #isLost = false;

  constructor(parts: PeerClientParts) {
    this.#parts = parts;
    this.#frames = new FrameStream(parts.stream);
    void this.#readAll();
  }

  /** Never rejects; `Value` is what the other end's method gives. */
  call<Value>(object: number, method: string, ...args: unknown[]): Promise<Answer<Value>> {
    if (this.#isLost) return Promise.resolve(LOST);
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve) => {
      const cancelTimer = this.#parts.clock.after(CALL_LIMIT_MS, () => this.#lose());
      const settle = resolve as (answer: Answer<unknown>) => void;
      this.#waiting.set(id, { settle, cancelTimer });
      void this.#frames.send({ id, object, method, args } satisfies PeerCall);
    });
  }

  /** Without an answer; what comes behind it is dealt with after it. @returns back-pressure. */
  tell(object: number, method: string, ...args: unknown[]): Promise<void> | undefined {
    if (this.#isLost) return undefined;
    return this.#frames.send({ id: undefined, object, method, args } satisfies PeerCall);
  }

  /** From now on hears what happens to an object. */
  listen(object: number, listener: (event: unknown) => void): void {
    this.#listeners.set(object, listener);
  }

  forget(object: number): void {
    this.#listeners.delete(object);
  }

  /** Calls `listener` once when the connection is lost. @returns How to end it. */
  onLost(listener: () => void): () => void {
    this.#lostListeners.add(listener);
    return () => void this.#lostListeners.delete(listener);
  }

  close(): void {
    this.#lostListeners.clear();
    this.#lose();
  }

  async #readAll(): Promise<void> {
    for (;;) {
      const frame = await this.#frames.read();
      if (frame === 'ended') break;
      this.#take(frame.value as PeerMessage);
    }
    this.#lose();
  }

  #take(message: PeerMessage): void {
    if (message.kind === 'event') {
      this.#listeners.get(message.object)?.(message.event);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    if (waiting === undefined) return;
    this.#waiting.delete(message.id);
    waiting.cancelTimer();
    // A bug over there ends this connection alone: nobody knows what state it left.
    if (message.kind === 'answer') waiting.settle({ isLost: false, value: message.value });
    else {
      waiting.settle(LOST);
      this.#lose();
    }
  }

  #lose(): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#parts.destroy();
    for (const { settle, cancelTimer } of this.#waiting.values()) {
      cancelTimer();
      settle(LOST);
    }
    this.#waiting.clear();
    for (const listener of [...this.#lostListeners]) listener();
    this.#lostListeners.clear();
    this.#listeners.clear();
  }
}
