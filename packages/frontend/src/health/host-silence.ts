/**
 * For how long a host has left those waiting who are there now, and from when on that is unusual.
 * Holds no timer and judges nobody: silence is a reason to probe.
 */

export const SILENCE_RULES = {
  /** So many times what answers took of late is unusual, within these bounds. */
  factor: 8,
  leastMs: 1_000,
  /** Of a host that has not answered yet, too. */
  mostMs: 4_000,
  /** The slowest answer counts for less with each that follows. */
  decay: 0.9,
} as const;

interface Waiting {
  readonly client: string;
  readonly sinceMs: number;
}

export class HostSilence {
  /** In the order in which they came. */
  readonly #waiting = new Map<object, Waiting>();
  #heardAtMs: number;
  #answerMs: number | undefined;

  constructor(nowMs: number) {
    this.#heardAtMs = nowMs;
  }

  /** When the host gave its last sign of life, or became known. */
  get heardAtMs(): number {
    return this.#heardAtMs;
  }

  /** Who waits longer than this, and hears nothing, waits unusually long. */
  get patienceMs(): number {
    const { factor, leastMs, mostMs } = SILENCE_RULES;
    if (this.#answerMs === undefined) return mostMs;
    return Math.round(Math.min(Math.max(this.#answerMs * factor, leastMs), mostMs));
  }

  /** @param client Whoever may be one client has one. */
  enter(visit: object, client: string, nowMs: number): void {
    this.#waiting.set(visit, { client, sinceMs: nowMs });
  }

  /** Idempotent. */
  leave(visit: object): void {
    this.#waiting.delete(visit);
  }

  /** Before it leaves. */
  noteAnswer(visit: object, nowMs: number): void {
    this.noteLife(nowMs);
    const waiting = this.#waiting.get(visit);
    if (waiting === undefined) return;
    const faded = (this.#answerMs ?? 0) * SILENCE_RULES.decay;
    this.#answerMs = Math.max(nowMs - waiting.sinceMs, faded);
  }

  /** A probe was answered, or a login. */
  noteLife(nowMs: number): void {
    this.#heardAtMs = nowMs;
  }

  /** In how long silence will be unusual; zero or less: it is. Undefined: nobody waits. */
  dueInMs(nowMs: number): number | undefined {
    const [first] = this.#waiting.values();
    return first === undefined ? undefined : this.#leftMs(first, nowMs);
  }

  /** How many clients wait unusually long. */
  countClients(nowMs: number): number {
    const late = [...this.#waiting.values()].filter((one) => this.#leftMs(one, nowMs) <= 0);
    return new Set(late.map(({ client }) => client)).size;
  }

  #leftMs({ sinceMs }: Waiting, nowMs: number): number {
    return Math.max(sinceMs, this.#heardAtMs) + this.patienceMs - nowMs;
  }
}
