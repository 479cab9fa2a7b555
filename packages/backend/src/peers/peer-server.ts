/**
 * The answering end of a connection from another worker. Objects that it hands out as numbers
 * live as long as the connection: when that ends, for whatever reason, all of them are disposed
 * of, the youngest first.
 */
import type { OctetStream } from '@homeward/wire';
import { FrameStream } from './frame-stream.ts';
import { type PeerCall, type PeerMessage, ROOT_OBJECT } from './peer-messages.ts';

/** Something that the other worker may call. */
export interface PeerObject {
  readonly methods: ReadonlyMap<string, (...args: never[]) => unknown>;
  /** Gives back what it holds; called once. */
  dispose(): Promise<void> | void;
}

/** What the objects of one connection can do with it. */
export interface PeerScope {
  /** @returns The number by which the other end calls it. */
  add(object: PeerObject): number;
  get(id: number): PeerObject | undefined;
  /** Disposes of it before the connection ends. */
  remove(id: number): Promise<void>;
  tell(id: number, event: unknown): void;
}

export interface PeerServerParts {
  readonly stream: OctetStream;
  readonly makeRoot: (scope: PeerScope) => PeerObject;
  /** Before each answer: what happened until then is told first. */
  readonly beforeAnswer: () => void;
  readonly onFault: (error: unknown) => void;
}

/** Serves until the connection ends; never rejects. */
export async function servePeer(parts: PeerServerParts): Promise<void> {
  await new PeerServer(parts).serve();
}

class PeerServer implements PeerScope {
  readonly #parts: PeerServerParts;
  readonly #frames: FrameStream;
  readonly #objects = new Map<number, PeerObject>();
  readonly #running = new Set<Promise<void>>();
  #nextId = ROOT_OBJECT;

  constructor(parts: PeerServerParts) {
    this.#parts = parts;
    this.#frames = new FrameStream(parts.stream);
    this.add(parts.makeRoot(this));
  }

  add(object: PeerObject): number {
    const id = this.#nextId;
    this.#nextId += 1;
    this.#objects.set(id, object);
    return id;
  }

  get(id: number): PeerObject | undefined {
    return this.#objects.get(id);
  }

  async remove(id: number): Promise<void> {
    const object = this.#objects.get(id);
    this.#objects.delete(id);
    await object?.dispose();
  }

  tell(object: number, event: unknown): void {
    void this.#frames.send({ kind: 'event', object, event } satisfies PeerMessage);
  }

  async serve(): Promise<void> {
    for (;;) {
      const frame = await this.#frames.read();
      if (frame === 'ended') break;
      const running = this.#run(frame.value as PeerCall);
      this.#running.add(running);
      void running.then(() => this.#running.delete(running));
      // What is told is done in order, and no faster than it can be done.
      if ((frame.value as PeerCall).id === undefined) await running;
    }
    await Promise.all(this.#running);
    for (const id of [...this.#objects.keys()].toReversed()) {
      await this.remove(id).catch(this.#parts.onFault);
    }
  }

  async #run({ id, object, method, args }: PeerCall): Promise<void> {
    try {
      const run = this.#objects.get(object)?.methods.get(method);
      if (run === undefined) throw new Error(`there is no ${method} at object ${object}`);
      const value = await run(...(args as never[]));
      if (id !== undefined) await this.#answer({ kind: 'answer', id, value });
    } catch (error) {
      this.#parts.onFault(error);
      if (id !== undefined) await this.#answer({ kind: 'failure', id });
    }
  }

  async #answer(message: PeerMessage): Promise<void> {
    this.#parts.beforeAnswer();
    await this.#frames.send(message);
  }
}
