import type { DeadlineWheel } from '@homeward/net';
import type { Clock, Logger, Metrics } from '@homeward/service';
import type { BackEndConfig } from '../config.ts';
import type { BackEndLogEvents } from '../log-events.ts';
import type { BackEndMetrics } from '../metrics/back-end-metrics.ts';

/** What the process gives to the worker in it. */
export interface ProcessParts {
  readonly clock: Clock;
  readonly log: Logger<BackEndLogEvents>;
  readonly metrics: Metrics<BackEndMetrics>;
}

/** What every part of one worker is made with. */
export interface WorkerParts extends ProcessParts {
  readonly config: BackEndConfig;
  readonly workerIndex: number;
  readonly wheel: DeadlineWheel;
}
