/** What a supervisor counts of its workers. */
import { KILL_REASONS, type KillReason } from '../process-supervisor.ts';
import type { Metrics } from './metric-registry.ts';
import type { ServiceMetrics } from './service-metrics.ts';

/** What of a `ProcessSupervisor` is looked at. */
export interface WatchedWorkers {
  readonly readiness: readonly boolean[];
  readonly restartCounts: readonly number[];
  readonly killCounts: readonly Readonly<Record<KillReason, number>>[];
}

/** Shows each worker's state from now on. Call it once, in the supervisor's process. */
export function watchWorkers(
  metrics: Pick<Metrics<ServiceMetrics>, 'counter' | 'gauge'>,
  workers: WatchedWorkers,
): void {
  for (const index of workers.readiness.keys()) {
    const labels = { worker: String(index) };
    const up = metrics.gauge('homeward_service_worker_up');
    up.read(labels, () => (workers.readiness[index] === true ? 1 : 0));
    const restarts = metrics.counter('homeward_service_worker_restarts_total');
    restarts.read(labels, () => workers.restartCounts[index] ?? 0);
    const kills = metrics.counter('homeward_service_worker_kills_total');
    for (const reason of KILL_REASONS) {
      kills.read({ ...labels, reason }, () => workers.killCounts[index]?.[reason] ?? 0);
    }
  }
}
