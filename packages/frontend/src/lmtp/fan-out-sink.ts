/**
 * One message on its way to all homes that have a recipient of it, piece by piece: the slowest sets
 * the pace, but only for so long. A home that stalls is cut by its link; one that keeps the others
 * waiting is given up, for its own recipients alone.
 */
import type { MessageSink, Receipt } from '@homeward/smtp/session';
import type { FanOutTarget } from './fan-out-target.ts';
import type { LmtpEvents } from './lmtp-events.ts';
import { refusalOfReply, SITE_AWAY } from './refusals.ts';

export interface FanOutSinkParts {
  readonly reference: string;
  readonly targets: readonly FanOutTarget[];
  /** For each recipient, in order, the home that has accepted it. */
  readonly accepted: readonly FanOutTarget[];
  readonly events: LmtpEvents;
  readonly elapsedMs: () => number;
}

/** For so long in all a home may keep the others waiting. */
export const LAG_LIMIT_MS = 15_000;

export class FanOutSink implements MessageSink {
  readonly #parts: FanOutSinkParts;

  constructor(parts: FanOutSinkParts) {
    this.#parts = parts;
  }

  write(octets: Uint8Array): Promise<void> | undefined {
    const waits: Promise<void>[] = [];
    const beganMs = this.#parts.elapsedMs();
    for (const target of this.#parts.targets) {
      const taken = target.isTaking ? target.link.write(octets) : undefined;
      if (taken !== undefined) waits.push(this.#await(target, taken, beganMs));
    }
    return waits.length === 0 ? undefined : this.#keepPace(waits);
  }

  async commit(): Promise<Receipt> {
    const { reference, targets, accepted, events } = this.#parts;
    const ends = await Promise.all(targets.map((target) => target.end()));
    const left = new Map(
      targets.map((target, index) => {
        const { replies = [], isWhole = false } = ends[index] ?? {};
        return [target, { replies: replies.values(), isWhole }];
      }),
    );
    const refusals = accepted.map((target) => {
      const at = left.get(target);
      const reply = at?.replies.next().value;
      const refusal = reply && refusalOfReply(reply);
      if (reply === undefined || refusal !== undefined) {
        const isLost = reply?.isLost !== false;
        if (isLost) events.onAway(target.site, reply?.lines.join(' ') ?? '');
        events.onRecipient(isLost && at?.isWhole === true ? 'unanswered' : outcomeOf(refusal));
        return refusal ?? SITE_AWAY;
      }
      events.onRecipient('delivered');
      return undefined;
    });
    return { reference, refusals };
  }

  async abort(): Promise<void> {
    for (const target of this.#parts.targets) {
      if (target.isTaking) target.giveUp();
      else await target.leave();
    }
  }

  async #await(target: FanOutTarget, taken: Promise<void>, beganMs: number): Promise<void> {
    await taken;
    target.waitedMs += this.#parts.elapsedMs() - beganMs;
  }

  async #keepPace(waits: readonly Promise<void>[]): Promise<void> {
    await Promise.all(waits);
    const taking = this.#parts.targets.filter(({ isTaking }) => isTaking);
    const leastMs = Math.min(...taking.map(({ waitedMs }) => waitedMs));
    for (const target of taking) {
      if (target.waitedMs - leastMs > LAG_LIMIT_MS) target.giveUp();
    }
  }
}

function outcomeOf(refusal: { readonly code: number } | undefined): 'refused' | 'deferred' {
  return refusal !== undefined && refusal.code >= 500 ? 'refused' : 'deferred';
}
