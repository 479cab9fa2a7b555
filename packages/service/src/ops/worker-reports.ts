/** The workers' part of what a supervisor shows on the ops port. */
import type { WorkerAnswer, WorkerSilence } from '../worker-questions.ts';
import type { HealthReport } from './health-report.ts';
import { HEALTH_SUBJECT, METRICS_SUBJECT } from './ops-pages.ts';

/** Whoever can ask all workers: a `ProcessSupervisor`. */
export interface WorkerCrew {
  askAll(subject: string, question: unknown, limitMs: number): Promise<readonly WorkerAnswer[]>;
}

export interface CrewReport extends HealthReport {
  /** At least one worker has passed all its checks. */
  readonly isAnyWell: boolean;
}

/** More than a worker takes to give up on a check that hangs. */
const HEALTH_LIMIT_MS = 3_000;
const METRICS_LIMIT_MS = 3_000;

const SILENCE: Readonly<Record<WorkerSilence, string>> = {
  'not-running': 'the worker is not ready',
  'no-answer': 'the worker does not answer',
  failed: 'the worker could not answer',
};

/**
 * All workers' checks, each named `worker-0.directory`; `worker-0` for one that said nothing.
 *
 * @returns Nothing when the workers know no such room.
 */
export async function askHealth(
  crew: WorkerCrew,
  room: string | undefined,
): Promise<CrewReport | undefined> {
  const answers = await crew.askAll(HEALTH_SUBJECT, room, HEALTH_LIMIT_MS);
  const failed: Record<string, string> = {};
  const passed: string[] = [];
  let isAnyWell = false;
  let knowsRoom = false;
  for (const answer of answers) {
    const worker = `worker-${answer.index}`;
    if (!answer.ok) {
      failed[worker] = SILENCE[answer.reason];
      continue;
    }
    const report = answer.value as HealthReport | null;
    if (report === null) continue;
    knowsRoom = true;
    const faults = Object.entries(report.failed);
    for (const [check, why] of faults) failed[`${worker}.${check}`] = why;
    passed.push(...report.passed.map((check) => `${worker}.${check}`));
    if (faults.length === 0) isAnyWell = true;
  }
  const isAnyHeard = answers.some(({ ok }) => ok);
  return isAnyHeard && !knowsRoom ? undefined : { failed, passed, isAnyWell };
}

/** The metrics of those workers that answer in time. */
export async function askMetrics(crew: WorkerCrew): Promise<readonly string[]> {
  const answers = await crew.askAll(METRICS_SUBJECT, undefined, METRICS_LIMIT_MS);
  return answers.flatMap((answer) => (answer.ok ? [String(answer.value)] : []));
}
