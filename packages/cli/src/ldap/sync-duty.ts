/**
 * Who of all hosts runs: whoever has the duty in the directory. It is asked for every 15 s, by who
 * has it and by who waits for it, and holds for a minute, so that a holder that dies is replaced
 * within 75 s, and one that ends in order within 15 s.
 */
import { type DirectoryDriver, DirectoryUnavailableError } from '@homeward/directory';
import { type Clock, type Logger, waitFor } from '@homeward/service';
import type { SyncLogEvents } from './sync-events.ts';

const LIFE_MS = 60_000;
const ASK_EVERY_MS = 15_000;
/** An answer that is on its way for so long still says the truth when it comes. */
const MARGIN_MS = 5_000;

export interface SyncDutyParts {
  readonly operations: Pick<DirectoryDriver['operations'], 'takeDuty' | 'leaveDuty'>;
  /** Unique to the process. */
  readonly holder: string;
  readonly clock: Clock;
  readonly log: Pick<Logger<SyncLogEvents>, 'log'>;
  /** Aborts when the process stops. */
  readonly signal: AbortSignal;
}

export class SyncDuty {
  readonly #parts: SyncDutyParts;
  #tenure: AbortController | undefined;
  #awaited: PromiseWithResolvers<void> | undefined;
  #cancelExpiry: (() => void) | undefined;
  /** What was logged last, so that it is logged once. */
  #told = '';

  constructor(parts: SyncDutyParts) {
    this.#parts = parts;
  }

  /** Asks until the process stops, then gives the duty up. */
  async run(): Promise<void> {
    const { clock, operations, holder, signal } = this.#parts;
    while (!signal.aborted) {
      await this.#ask();
      await waitFor(clock, ASK_EVERY_MS, signal);
    }
    this.#end();
    this.#awaited?.resolve();
    // It expires by itself if the directory is away.
    await operations.leaveDuty('ldap-sync', holder).catch(ignoreUnavailable);
  }

  /** Waits for the duty. @returns Aborts when it is lost; undefined when the process stops. */
  async next(): Promise<AbortSignal | undefined> {
    const { signal } = this.#parts;
    while (!signal.aborted) {
      if (this.#tenure !== undefined) return this.#tenure.signal;
      this.#awaited ??= Promise.withResolvers();
      await this.#awaited.promise;
    }
    return undefined;
  }

  async #ask(): Promise<void> {
    const { clock, operations, holder, log } = this.#parts;
    const askedAtMs = clock.elapsedMs();
    try {
      const present = await operations.takeDuty('ldap-sync', holder, LIFE_MS);
      if (present === holder) this.#begin(askedAtMs + LIFE_MS - MARGIN_MS);
      else this.#standBy(present);
    } catch (error) {
      if (!(error instanceof DirectoryUnavailableError)) throw error;
      const detail = error.message;
      this.#tell('away', () => log.log('ldap-sync.directory-unavailable', { detail }));
    }
  }

  #begin(knownUntilMs: number): void {
    const { clock, log } = this.#parts;
    const leftMs = knownUntilMs - clock.elapsedMs();
    // An answer as late as that says nothing of now.
    if (leftMs <= 0) return;
    this.#cancelExpiry?.();
    this.#cancelExpiry = clock.after(leftMs, () => this.#expire());
    if (this.#tenure === undefined) {
      log.log('ldap-sync.duty-taken');
      this.#tenure = new AbortController();
      this.#awaited?.resolve();
      this.#awaited = undefined;
    }
    this.#told = 'held';
  }

  /** By itself, and not when the next question fails: another may have the duty by then. */
  #expire(): void {
    this.#end();
    const detail = 'the directory has not said for a minute who has it';
    this.#parts.log.log('ldap-sync.duty-lost', { detail });
  }

  #standBy(other: string): void {
    const { log } = this.#parts;
    const event = this.#tenure === undefined ? 'ldap-sync.stood-by' : 'ldap-sync.duty-lost';
    this.#end();
    this.#tell(`by ${other}`, () => log.log(event, { holder: other }));
  }

  #end(): void {
    this.#cancelExpiry?.();
    this.#cancelExpiry = undefined;
    this.#tenure?.abort();
    this.#tenure = undefined;
  }

  #tell(what: string, tell: () => void): void {
    if (what !== this.#told) tell();
    this.#told = what;
  }
}

function ignoreUnavailable(error: unknown): void {
  if (!(error instanceof DirectoryUnavailableError)) throw error;
}
