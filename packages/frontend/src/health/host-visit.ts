/** One login's stay at a host, as the host's health hears of it. */
import type { Fault } from '@homeward/service';
import type { HostPhase } from './host-health.ts';

/** Who goes there. */
export interface Visitor {
  readonly address: string;
  readonly mailbox: string;
}

export interface VisitFailure {
  readonly phase: HostPhase;
  readonly reason: Fault;
  readonly detail: string;
}

/** Whoever has one says once what came of it, and leaves in any case. */
export interface HostVisit {
  /** The host has answered the login, whatever it said. */
  noteAnswer(): void;
  /** The host has not. */
  noteFailure(failure: VisitFailure): void;
  /** Idempotent. Alone it says nothing of the host. */
  leave(): void;
  /**
   * For who can go to another host.
   *
   * @param run Called if the host is condemned from now on.
   * @returns Ends that; to be called in any case.
   */
  whenCondemned(run: () => void): () => void;
}
