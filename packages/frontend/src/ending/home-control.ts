/**
 * Asks homes' workers, at their control ports, to end sessions. What is asked while a question is
 * on its way to a worker goes with the next one, so that a drain of thousands costs a worker a
 * handful of connections.
 */
import type { SessionEndReason } from '@homeward/sasl';
import { SESSION_END_LIMIT, type ControlPlace } from '@homeward/service';
import type { InnerTarget } from '../login/ports.ts';

/** One order to one worker. @returns Those that it has told to end; none if it was not reached. */
export type SendEnds = (
  place: ControlPlace,
  reason: SessionEndReason,
  conversationIds: readonly string[],
) => Promise<ReadonlySet<string>>;

export interface HomeControlParts {
  /** Where a worker can be asked; undefined: it has no control port, or we no certificate. */
  readonly findPlace: (target: InnerTarget) => Promise<ControlPlace | undefined>;
  readonly send: SendEnds;
}

interface Waiting {
  readonly conversationId: string;
  readonly settle: (isAsked: boolean) => void;
}

/** What is to be sent to one worker for one reason. */
interface Line {
  readonly place: ControlPlace;
  readonly reason: SessionEndReason;
  readonly waiting: Waiting[];
}

export class HomeControl {
  readonly #parts: HomeControlParts;
  /** Those that are being worked off. */
  readonly #lines = new Map<string, Line>();

  constructor(parts: HomeControlParts) {
    this.#parts = parts;
  }

  /** Never rejects. @returns Whether the home ends it by itself. */
  async askToEnd(
    target: InnerTarget,
    conversationId: string,
    reason: SessionEndReason,
  ): Promise<boolean> {
    const place = await this.#parts.findPlace(target);
    if (place === undefined) return false;
    return new Promise((settle) => {
      const name = `${reason} ${place.serverName} ${place.host} ${place.port}`;
      const line = this.#lines.get(name);
      if (line !== undefined) {
        line.waiting.push({ conversationId, settle });
        return;
      }
      const opened: Line = { place, reason, waiting: [{ conversationId, settle }] };
      this.#lines.set(name, opened);
      void this.#workOff(name, opened);
    });
  }

  async #workOff(name: string, { place, reason, waiting }: Line): Promise<void> {
    // Whoever asks in the same turn goes along.
    await Promise.resolve();
    while (waiting.length > 0) {
      const batch = waiting.splice(0, SESSION_END_LIMIT);
      const ids = batch.map(({ conversationId }) => conversationId);
      const asked = await this.#parts.send(place, reason, ids);
      for (const { conversationId, settle } of batch) settle(asked.has(conversationId));
    }
    this.#lines.delete(name);
  }
}
