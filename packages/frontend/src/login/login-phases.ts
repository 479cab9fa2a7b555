/** Where a login's time goes: one phase at a time, each measured once it is over. */
import type { Clock } from './ports.ts';

/** Closed list; labels of a metric. `tls` is over before a login begins. */
export type LoginPhase =
  | 'tls'
  | 'look-up'
  /** Held back because of wrong passwords. */
  | 'gate'
  | 'secret'
  | 'connect'
  | 'claim'
  | 'inner-login';

/** All phases, in their order. */
export const LOGIN_PHASES: readonly LoginPhase[] = [
  'tls',
  'look-up',
  'gate',
  'secret',
  'connect',
  'claim',
  'inner-login',
];

/** What a login's log line says of its phases. */
export interface PhaseFields {
  readonly lookUpMs: number | undefined;
  readonly gateMs: number | undefined;
  readonly secretMs: number | undefined;
  readonly connectMs: number | undefined;
  readonly claimMs: number | undefined;
  readonly innerLoginMs: number | undefined;
}

/** One login's watch. A phase that is entered twice counts as one, of both times. */
export class LoginPhases {
  readonly #elapsedMs: Clock['elapsedMs'];
  readonly #durations: Partial<Record<LoginPhase, number>> = {};
  #phase: LoginPhase | undefined;
  #beganMs = 0;

  constructor(clock: Pick<Clock, 'elapsedMs'>) {
    this.#elapsedMs = () => clock.elapsedMs();
  }

  /** Ends the phase before, if there was one. */
  begin(phase: LoginPhase): void {
    this.end();
    this.#phase = phase;
  }

  /** Idempotent. */
  end(): void {
    const nowMs = this.#elapsedMs();
    if (this.#phase !== undefined) {
      const before = this.#durations[this.#phase] ?? 0;
      this.#durations[this.#phase] = before + nowMs - this.#beganMs;
      this.#phase = undefined;
    }
    this.#beganMs = nowMs;
  }

  /** So far, if it is the present one. */
  spentMs(phase: LoginPhase): number {
    const running = this.#phase === phase ? this.#elapsedMs() - this.#beganMs : 0;
    return (this.#durations[phase] ?? 0) + running;
  }

  /** Those that were entered, with their milliseconds. */
  report(each: (phase: LoginPhase, durationMs: number) => void): void {
    for (const phase of LOGIN_PHASES) {
      const durationMs = this.#durations[phase];
      if (durationMs !== undefined) each(phase, durationMs);
    }
  }

  get fields(): PhaseFields {
    const ms = this.#durations;
    return {
      lookUpMs: ms['look-up'],
      gateMs: ms.gate,
      secretMs: ms.secret,
      connectMs: ms.connect,
      claimMs: ms.claim,
      innerLoginMs: ms['inner-login'],
    };
  }
}
