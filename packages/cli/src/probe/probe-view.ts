/** What `homeward probe --json` prints; a contract with scripts. */
import type { Hop } from './hop-watch.ts';

/** A host of a home of other software, asked by this command up to its greeting. */
export interface HomeHostView {
  readonly host: string;
  readonly result: Hop['result'];
  readonly latencyMs: number;
  /** Why it failed or was not asked. */
  readonly detail: string | null;
}

/** Test-ImapConnectivity's columns, the hops, and the hosts behind the front end. */
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
  /** Empty where the home is not known here, or is no other software. */
  readonly homes: readonly HomeHostView[];
}
