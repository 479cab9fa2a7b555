/**
 * Ends the sessions of this worker that an operator wants ended. Requests lie in the directory
 * for minutes and the directory tells of them, so that a message that is lost costs a second and
 * no request; each is acted upon once, and answered with how many sessions were told to end.
 */
import {
  DirectoryUnavailableError,
  type DirectoryDriver,
  type SessionEndRequest,
} from '@homeward/directory';
import type { Logger } from '@homeward/service';
import type { GUARD_LOG_EVENTS } from './log-events.ts';

export interface SessionEndDeskParts {
  readonly driver: Pick<DirectoryDriver, 'subscribe'> & {
    readonly operations: Pick<
      DirectoryDriver['operations'],
      'listSessionEnds' | 'answerSessionEnd'
    >;
  };
  /** By which this worker is known when it answers. */
  readonly leaseId: string;
  /** The name of who takes the logins. */
  readonly frontEnd: string;
  /**
   * Ends the sessions that are meant. Throws for what makes no sense, such as a network that is
   * none.
   *
   * @returns How many were told to end.
   */
  readonly end: (request: SessionEndRequest) => number;
  readonly log: Pick<Logger<typeof GUARD_LOG_EVENTS>, 'log'>;
}

/** Open it once; close it before the driver. */
export class SessionEndDesk {
  readonly #parts: SessionEndDeskParts;
  readonly #unsubscribe: () => void;
  /** Ids of requests that are in the directory and were acted upon. */
  #done: ReadonlySet<string> | undefined;
  #isStale = false;
  #working: Promise<void> | undefined;

  constructor(parts: SessionEndDeskParts) {
    this.#parts = parts;
    this.#unsubscribe = parts.driver.subscribe(({ area }) => {
      if (area === 'session-ends' || area === 'everything') void this.look();
    });
  }

  /** Acts on what is new. The first look only notes: what was wanted before is over. */
  look(): Promise<void> {
    this.#isStale = true;
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
    return this.#working;
  }

  close(): void {
    this.#unsubscribe();
  }

  async #work(): Promise<void> {
    while (this.#isStale) {
      this.#isStale = false;
      try {
        await this.#act(await this.#parts.driver.operations.listSessionEnds());
      } catch (error) {
        // `everything` is told when the directory is back.
        if (!(error instanceof DirectoryUnavailableError)) {
          this.#parts.log.log('session-end.failed', { error });
        }
      }
    }
  }

  async #act(requests: readonly SessionEndRequest[]): Promise<void> {
    const done = this.#done;
    this.#done = new Set(requests.map(({ id }) => id));
    if (done === undefined) return;
    const answers = requests
      .filter(({ id }) => !done.has(id))
      .flatMap((request) => {
        const count = this.#carryOut(request);
        return count === undefined ? [] : [{ id: request.id, count }];
      });
    // All are carried out before the first answer: the directory may go away meanwhile.
    const { driver, leaseId } = this.#parts;
    for (const { id, count } of answers) {
      await driver.operations.answerSessionEnd(id, leaseId, count);
    }
  }

  /** @returns How many were told to end; undefined for a request that cannot be carried out. */
  #carryOut(request: SessionEndRequest): number | undefined {
    const { frontEnd, end, log } = this.#parts;
    if (request.frontEnd !== undefined && request.frontEnd !== frontEnd) return 0;
    try {
      const count = end(request);
      const { id, requestedBy } = request;
      if (count > 0) {
        log.log('session-end.carried-out', { request: id, requestedBy, sessionCount: count });
      }
      return count;
    } catch (error) {
      // A network, say, that another release has let pass.
      log.log('session-end.failed', { error });
      return undefined;
    }
  }
}
