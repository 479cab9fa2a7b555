/**
 * Notes when app passwords were used, for the person who wonders which of them may go: about once
 * an hour each, behind the login and never in its way.
 */
import type { Clock } from '../clock.ts';
import { DirectoryUnavailableError, type AccountId } from '../ports.ts';
import type { DirectoryDriver } from '../directory-driver.ts';

/** Between two notes of one app password, by one process. */
const NOTE_EVERY_MS = 3_600_000;
/** How many are remembered as noted; more are noted more often. */
const REMEMBERED_COUNT = 10_000;

export interface AppPasswordUsesParts {
  readonly driver: Pick<DirectoryDriver, 'noteAppPasswordUse'>;
  readonly clock: Pick<Clock, 'nowMs' | 'elapsedMs'>;
  /** Told of a bug. */
  readonly onFault: (error: unknown) => void;
}

export class AppPasswordUses {
  readonly #parts: AppPasswordUsesParts;
  /** When which was noted, oldest first. */
  readonly #notedAtMs = new Map<string, number>();

  constructor(parts: AppPasswordUsesParts) {
    this.#parts = parts;
  }

  /** Returns at once. While the directory is away the note is lost; the next login makes it. */
  note(accountId: AccountId, appPasswordId: string): void {
    const { driver, clock } = this.#parts;
    const key = `${accountId}/${appPasswordId}`;
    const nowMs = clock.elapsedMs();
    const notedAtMs = this.#notedAtMs.get(key);
    if (notedAtMs !== undefined && nowMs - notedAtMs < NOTE_EVERY_MS) return;
    this.#remember(key, nowMs);
    driver.noteAppPasswordUse(accountId, appPasswordId, clock.nowMs()).catch((error: unknown) => {
      this.#notedAtMs.delete(key);
      if (!(error instanceof DirectoryUnavailableError)) this.#parts.onFault(error);
    });
  }

  #remember(key: string, nowMs: number): void {
    this.#notedAtMs.delete(key);
    this.#notedAtMs.set(key, nowMs);
    if (this.#notedAtMs.size <= REMEMBERED_COUNT) return;
    const [oldest] = this.#notedAtMs.keys();
    if (oldest !== undefined) this.#notedAtMs.delete(oldest);
  }
}
