/** A look at a host, whether it greets. */
import type { Fault } from '@homeward/service';

export type ProbeOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: Fault; readonly detail: string };

/** Connects, reads the greeting, and leaves. Aborting destroys what was opened. Never rejects. */
export type Probe = (signal: AbortSignal) => Promise<ProbeOutcome>;
