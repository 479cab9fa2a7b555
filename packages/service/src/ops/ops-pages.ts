/**
 * What one process has to say on the ops port: its checks, those of each protocol's room, and its
 * metrics. A worker under a supervisor says it to the supervisor, which has the port: one URL
 * shows all processes of a service.
 */
import type { Clock } from '../clock.ts';
import type { WorkerLink } from '../worker-link.ts';
import { type HealthQuestion, readHealthQuestion } from './health-question.ts';
import { type HealthReport, type ReadinessChecks, runChecks } from './health-report.ts';

export interface OpsPagesOptions {
  /** What the process needs to be of any use. */
  readonly checks: ReadinessChecks;
  /**
   * By protocol: what it needs beyond that. A room that fails takes only its protocol out of
   * service: `/readyz` does not ask it.
   */
  readonly rooms?: Readonly<Record<string, ReadinessChecks>>;
  /** By protocol: layers that are shown to who asks, and that traffic does not depend on. */
  readonly besides?: Readonly<Record<string, ReadinessChecks>>;
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

  /** @returns Nothing for a room or layer that is not there. */
  async report({ room, layer, isVerbose }: HealthQuestion): Promise<HealthReport | undefined> {
    const { checks, rooms, besides, clock, onFault = () => {} } = this.#options;
    const ofRoom = room === undefined ? {} : own(rooms, room);
    if (ofRoom === undefined) return undefined;
    const deciding = { ...checks, ...ofRoom };
    const beside = (room === undefined ? undefined : own(besides, room)) ?? {};
    const run = { clock, onFault, decides: true };
    if (layer !== undefined) {
      const check = own({ ...beside, ...deciding }, layer);
      return check && runChecks({ [layer]: check }, run);
    }
    // At once: who asks waits for no longer than a check that hangs is waited for.
    const [report, more] = await Promise.all([
      runChecks(deciding, run),
      isVerbose === true ? runChecks(beside, { ...run, decides: false }) : undefined,
    ]);
    return { layers: { ...report.layers, ...more?.layers } };
  }

  /** Nothing without metrics. */
  async formatMetrics(): Promise<string | undefined> {
    return this.#options.metrics?.format();
  }

  /** Answers a supervisor's questions with these pages. */
  answerSupervisor(link: Pick<WorkerLink, 'answer'>): void {
    link.answer(HEALTH_SUBJECT, async (question) => {
      const report = await this.report(readHealthQuestion(question));
      // JSON has no undefined.
      return report ?? null;
    });
    link.answer(METRICS_SUBJECT, async () => (await this.formatMetrics()) ?? '');
  }
}

/** A path may spell a name that every object has. */
function own<Value>(
  table: Readonly<Record<string, Value>> | undefined,
  name: string,
): Value | undefined {
  return table !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
}
