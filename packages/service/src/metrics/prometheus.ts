/**
 * prom-client, loaded by who first keeps metrics. It brings the OpenTelemetry API along and takes
 * some 50 ms, and operators' commands keep none.
 */
import { createRequire } from 'node:module';
import type * as Prometheus from 'prom-client';

const load = createRequire(import.meta.url);

/** The library; loaded once. */
export function loadPrometheus(): typeof Prometheus {
  return load('prom-client') as typeof Prometheus;
}
