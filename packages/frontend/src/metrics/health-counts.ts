/** The homes' health, in the registry of metrics. */
import type { Metrics } from '@homeward/service';
import type { HealthCounts, HomeHealth } from '../health/home-health.ts';
import type { FrontEndMetrics } from './front-end-metrics.ts';

const STATES = ['healthy', 'suspected', 'condemned', 'recovering'] as const;

export function createHealthCounts(metrics: Metrics<FrontEndMetrics>): HealthCounts {
  const condemned = metrics.counter('homeward_frontend_home_hosts_condemned_total');
  const probes = metrics.counter('homeward_frontend_home_probes_total');
  return {
    condemned: (by) => condemned.add({ by }),
    probed: (outcome) => probes.add({ outcome }),
  };
}

/** Reads the states whenever somebody asks. */
export function watchHostStates(
  metrics: Metrics<FrontEndMetrics>,
  health: Pick<HomeHealth, 'countStates'>,
): void {
  const hosts = metrics.gauge('homeward_frontend_home_hosts');
  for (const state of STATES) hosts.read({ state }, () => health.countStates()[state]);
}
