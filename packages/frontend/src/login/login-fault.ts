/**
 * A login that is not let through, as a value. What becomes of its reason (the client's answer,
 * the log event, the metric label) is `treatFault`'s business alone.
 */
import type { Fault } from '@homeward/service';

export interface LoginFault {
  readonly ok: false;
  readonly reason: Fault;
  /** For the log: what the other side said, or which of several things failed. */
  readonly logDetail?: string | undefined;
  /** For the client, where `treatFault` allows it: a short ASCII text. */
  readonly clientDetail?: string | undefined;
  /** A bug, with `internal-error`; for the log. */
  readonly error?: unknown;
}
