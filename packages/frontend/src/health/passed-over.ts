/** The fault of a login that was not even tried: its home is known not to answer. */
import type { LoginFault } from '../login/login-fault.ts';
import type { ClosedVerdict } from './home-health.ts';

export function passedOver(verdict: ClosedVerdict, where: string): LoginFault {
  return {
    ok: false,
    reason: verdict === 'condemned' ? 'site-down' : 'site-recovering',
    logDetail: where,
  };
}
