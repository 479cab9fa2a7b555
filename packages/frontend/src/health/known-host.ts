/** What `home-health.ts` keeps of each host: its state, who waits there, and its timers. */
import type { HomeHost } from './home-host.ts';
import { HostHealth } from './host-health.ts';
import type { Probe } from './host-probe.ts';
import { HostSilence } from './host-silence.ts';
import type { HostVisit } from './host-visit.ts';
import { PROBE_RULES } from './probe-rules.ts';

export interface KnownHost {
  readonly host: HomeHost;
  readonly health: HostHealth;
  probe: Probe;
  askedAtMs: number;
  readonly silence: HostSilence;
  /** Of visits that want to leave once the host is condemned. */
  readonly leavers: Set<() => void>;
  cancelTimer: (() => void) | undefined;
  /** Ends the look at those who wait. */
  cancelWatch: (() => void) | undefined;
  probedAtMs: number;
  /** The last probe failed within `quickMs`. */
  failsQuickly: boolean;
  /** The login that tries a condemned host now. */
  trial: HostVisit | undefined;
  /** Of the last such login, or of the condemnation. */
  triedAtMs: number;
  trialCount: number;
}

export function createKnownHost(host: HomeHost, probe: Probe, nowMs: number): KnownHost {
  return {
    host,
    health: new HostHealth(nowMs),
    probe,
    askedAtMs: nowMs,
    silence: new HostSilence(nowMs),
    leavers: new Set(),
    cancelTimer: undefined,
    cancelWatch: undefined,
    probedAtMs: -PROBE_RULES.fastestMs,
    failsQuickly: false,
    trial: undefined,
    triedAtMs: nowMs,
    trialCount: 0,
  };
}

export function cancelTimers({ cancelTimer, cancelWatch }: KnownHost): void {
  cancelTimer?.();
  cancelWatch?.();
}
