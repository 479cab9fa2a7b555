/**
 * One front-end process at work: its listeners, its conversations, and the order in which they
 * end. Everything it uses is made by `wiring.ts`.
 */
import { formatEndpoint } from '@homeward/net';
import type { ListenerConfig } from '@homeward/service';
import type { ConversationSet } from './conversation/conversation-set.ts';
import type { Clock, MailProtocol } from './conversation/ports.ts';
import type { OpenDoor } from './listeners.ts';

/** Where clients can connect. */
export interface ListenAddress {
  readonly protocol: MailProtocol;
  readonly tls: ListenerConfig['tls'];
  readonly port: number;
  /** `host:port`. */
  readonly address: string;
}

/** How long conversations have to end before their connections are cut. */
const STOP_LIMIT_MS = 10_000;

export class FrontEndWorker {
  readonly #doors: readonly OpenDoor[];
  readonly #conversations: ConversationSet;
  readonly #parts: AsyncDisposableStack;
  readonly #clock: Clock;
  #closed: Promise<void> | undefined;

  /** @param parts What is to be closed when the last conversation is over. */
  constructor(
    doors: readonly OpenDoor[],
    conversations: ConversationSet,
    parts: AsyncDisposableStack,
    clock: Clock,
  ) {
    this.#doors = doors;
    this.#conversations = conversations;
    this.#parts = parts;
    this.#clock = clock;
  }

  get addresses(): readonly ListenAddress[] {
    return this.#doors.map(({ protocol, tls, listener: { local } }) => ({
      protocol,
      tls,
      port: local.port,
      address: formatEndpoint(local),
    }));
  }

  get conversationCount(): number {
    return this.#conversations.count;
  }

  /**
   * Takes no more clients, tells each that the server is going down where it can understand it
   * (see `Conversation.stop`), and gives everything back. Idempotent.
   */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const listeners = this.#doors.map(({ listener }) => listener);
    await Promise.all(listeners.map((listener) => listener.stop()));
    const stopped = this.#conversations.stopAll();
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(STOP_LIMIT_MS, resolve);
      void stopped.then(() => {
        cancel();
        resolve();
      });
    });
    await Promise.all(listeners.map((listener) => listener.close()));
    await this.#parts.disposeAsync();
  }
}
