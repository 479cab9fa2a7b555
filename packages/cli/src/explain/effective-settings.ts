/**
 * The settings that matter to a login, as far as the directory has them; what a front end's own
 * file says is not known here, so the defaults stand for it. Pure.
 */
import type { MailProtocol } from '@homeward/frontend';
import { listKnownSettings } from '../settings/known-settings.ts';
import { type ClientSketch, isIn } from './access-facts.ts';
import type { LoginFacts } from './login-facts.ts';
import type { SlowingRules } from './throttle-facts.ts';

/** Whose word the limit of sessions is. */
export type LimitSource = 'account' | 'setting' | 'default' | 'exempt-network';

export interface EffectiveSettings {
  /** MaxConnectionsPerUser; Infinity for exempt networks. */
  readonly sessions: { readonly limit: number; readonly source: LimitSource };
  readonly throttle: SlowingRules;
  isProtocolOn(protocol: MailProtocol): boolean;
  isMechanismOffered(protocol: MailProtocol): boolean;
}

export function effectiveSettings(facts: LoginFacts, client: ClientSketch): EffectiveSettings {
  const { settings } = facts;
  const read = (name: string): unknown => settings[name] ?? findDefault(name);
  return {
    sessions: findSessionLimit(facts, client),
    throttle: {
      isOn:
        read('throttle.enabled') !== false &&
        !(client.address !== undefined && isIn(settings['throttle.allowNetworks'], client.address)),
      maxDelaySeconds: Number(read('throttle.maxDelaySeconds')),
      accountFailures: Number(read('throttle.accountFailures')),
      addressFailures: Number(read('throttle.addressFailures')),
    },
    isProtocolOn: (protocol) => settings[`${protocol}.enabled`] !== false,
    isMechanismOffered: (protocol) => isOffered(read(`${protocol}.mechanisms`), client.mechanism),
  };
}

function findDefault(name: string): unknown {
  return listKnownSettings().find(({ key }) => key === name)?.defaultValue;
}

function findSessionLimit(
  { account, settings }: LoginFacts,
  { address }: ClientSketch,
): EffectiveSettings['sessions'] {
  const name = 'connectionLimits.perUser';
  if (address !== undefined && isIn(settings['connectionLimits.exemptNetworks'], address)) {
    return { limit: Infinity, source: 'exempt-network' };
  }
  if (account?.connectionLimit !== undefined) {
    return { limit: account.connectionLimit, source: 'account' };
  }
  const override = settings[name];
  if (typeof override === 'number') return { limit: override, source: 'setting' };
  return { limit: Number(findDefault(name)), source: 'default' };
}

/** The commands LOGIN and USER are there if a password may be said as it is. */
function isOffered(offered: unknown, mechanism: ClientSketch['mechanism']): boolean {
  if (!Array.isArray(offered)) return true;
  switch (mechanism) {
    case 'LOGIN':
    case 'USER':
      return offered.includes('PLAIN') || offered.includes('LOGIN');
    case 'AUTH-LOGIN':
      return offered.includes('LOGIN');
    default:
      return offered.includes(mechanism);
  }
}
