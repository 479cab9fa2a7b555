/**
 * What one process has to say on the ops port: its checks, those of each protocol's room, and its
 * metrics. A worker under a supervisor says it to the supervisor, which has the port: one URL
 * shows all processes of a service.
 */
import type { Clock } from '../clock.ts';
import type { WorkerLink } from '../worker-link.ts';
import { type HealthReport, type ReadinessChecks, runChecks } from './health-report.ts';

export interface OpsPagesOptions {
  /** What the process needs to be of any use. */
  readonly checks: ReadinessChecks;
  /**
   * By protocol: what it needs beyond that. A room that fails takes only its protocol out of
   * service: `/readyz` does not ask it.
   */
  readonly rooms?: Readonly<Record<string, ReadinessChecks>>;
  readonly metrics?: { readonly format: () => Promise<string> };
  readonly clock: Pick<Clock, 'after'>;
  /** Hears of a check that threw, a bug: for the log. Must not throw. */
  readonly onFault?: (check: string, error: unknown) => void;
}

/** Subjects of `WorkerLink.answer`. */
export const HEALTH_SUBJECT: string = 'health';
export const METRICS_SUBJECT: string = 'metrics';

export class OpsPages {
  readonly #options: OpsPagesOptions;

  constructor(options: OpsPagesOptions) {
    this.#options = options;
  }

  get rooms(): readonly string[] {
    return Object.keys(this.#options.rooms ?? {});
  }

  /**
   * @param room Its checks as well; nothing for those of the process alone.
   * @returns Nothing for a room that is not there.
   */
  async report(room: string | undefined): Promise<HealthReport | undefined> {
    const { checks, rooms = {}, clock, onFault = () => {} } = this.#options;
    if (room === undefined) return runChecks(checks, clock, onFault);
    const more = Object.hasOwn(rooms, room) ? rooms[room] : undefined;
    return more === undefined ? undefined : runChecks({ ...checks, ...more }, clock, onFault);
  }

  /** Nothing without metrics. */
  async formatMetrics(): Promise<string | undefined> {
    return this.#options.metrics?.format();
  }

  /** Answers a supervisor's questions with these pages. */
  answerSupervisor(link: Pick<WorkerLink, 'answer'>): void {
    link.answer(HEALTH_SUBJECT, async (room) => {
      const report = await this.report(typeof room === 'string' ? room : undefined);
      // JSON has no undefined.
      return report ?? null;
    });
    link.answer(METRICS_SUBJECT, async () => (await this.formatMetrics()) ?? '');
  }
}
