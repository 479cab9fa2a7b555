/** What logins need of the homes' health; `wiring.ts` supplies it. */
import type { InnerTarget } from '../login/ports.ts';
import type { ForeignTarget } from '../foreign/foreign-ports.ts';
import type { HomeHealth } from './home-health.ts';
import type { Probe } from './host-probe.ts';

export type HealthPort = Pick<HomeHealth, 'admit'>;

/** The ways to see whether a host answers. */
export interface HomeProbes {
  own(target: InnerTarget): Probe;
  /** @param expectsProxyHeader Then it gets one that says that we speak for ourselves. */
  foreign(target: ForeignTarget, expectsProxyHeader: boolean): Probe;
}
