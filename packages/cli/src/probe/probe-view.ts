/** What `homeward probe --json` prints; a contract with scripts. */
import type { Hop } from './hop-watch.ts';

/** Test-ImapConnectivity's columns, and the hops. */
export interface ProbeView {
  /** CasServer: what was connected to. */
  readonly casServer: string;
  /** LocalSite: the account's home; null: not known here. */
  readonly localSite: string | null;
  readonly scenario: string;
  readonly result: 'Success' | 'Skipped' | 'Failure';
  readonly latencyMs: number;
  readonly error: string | null;
  readonly hops: readonly Hop[];
}
