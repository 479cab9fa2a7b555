/** What the steps of a probe need, beside the connection. */
import type { HopWatch } from './hop-watch.ts';
import type { ConnectionType } from './probe-link.ts';

export interface ProbeCourse {
  readonly connectionType: ConnectionType;
  readonly login: string;
  readonly password: string;
  /** The account's own; what was typed where the directory is not at hand. */
  readonly address: string;
  /** Logs in and no more (Exchange: LightMode). */
  readonly isLight: boolean;
  /** The test message stays, for another probe to find. */
  readonly leavesMessage: boolean;
  readonly watch: HopWatch;
  readonly nowMs: () => number;
  readonly makeId: () => string;
}
