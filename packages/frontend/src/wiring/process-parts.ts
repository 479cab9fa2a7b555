import type { Clock, LogLevel, Metrics } from '@homeward/service';
import type { FrontEndLog } from '../log-events.ts';
import type { FrontEndMetrics } from '../metrics/front-end-metrics.ts';

/** What the process gives to the front end in it. */
export interface ProcessParts {
  readonly clock: Clock;
  readonly log: FrontEndLog & { readonly setLevel?: (level: LogLevel) => void };
  readonly metrics: Metrics<FrontEndMetrics>;
  /** Unique among the workers that share a directory: names the lease of their sessions. */
  readonly workerName: string;
}
