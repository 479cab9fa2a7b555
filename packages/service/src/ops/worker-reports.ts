/** The workers' part of what a supervisor shows on the ops port. */
import type { WorkerAnswer, WorkerSilence } from '../worker-questions.ts';
import type { HealthQuestion } from './health-question.ts';
import { type HealthReport, isWell, type LayerReport } from './health-report.ts';
import { HEALTH_SUBJECT, METRICS_SUBJECT } from './ops-pages.ts';

/** Whoever can ask all workers: a `ProcessSupervisor`. */
export interface WorkerCrew {
  askAll(subject: string, question: unknown, limitMs: number): Promise<readonly WorkerAnswer[]>;
}

export interface CrewReport extends HealthReport {
  /** At least one worker has passed all its checks that decide. */
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
 * All workers' layers, each named `worker-0.directory`; `worker-0` for one that said nothing.
 *
 * @returns Nothing when the workers know no such room or layer.
 */
export async function askHealth(
  crew: WorkerCrew,
  question: HealthQuestion,
): Promise<CrewReport | undefined> {
  const answers = await crew.askAll(HEALTH_SUBJECT, question, HEALTH_LIMIT_MS);
  const layers: Record<string, LayerReport> = {};
  let isAnyWell = false;
  let isKnown = false;
  for (const answer of answers) {
    const worker = `worker-${answer.index}`;
    if (!answer.ok) {
      layers[worker] = { ok: false, why: SILENCE[answer.reason], decides: true, facts: {} };
      continue;
    }
    const report = answer.value as HealthReport | null;
    if (report === null) continue;
    isKnown = true;
    for (const [name, layer] of Object.entries(report.layers)) layers[`${worker}.${name}`] = layer;
    if (isWell(report)) isAnyWell = true;
  }
  const isAnyHeard = answers.some(({ ok }) => ok);
  return isAnyHeard && !isKnown ? undefined : { layers, isAnyWell };
}

/** The metrics of those workers that answer in time. */
export async function askMetrics(crew: WorkerCrew): Promise<readonly string[]> {
  const answers = await crew.askAll(METRICS_SUBJECT, undefined, METRICS_LIMIT_MS);
  return answers.flatMap((answer) => (answer.ok ? [String(answer.value)] : []));
}
