/** What client access rules say of a login: by the same evaluation as a front end's. Pure. */
import type { AccountRecord } from '@homeward/directory';
import type { MailProtocol } from '@homeward/frontend';
import {
  type AccessRule,
  compileRules,
  type RuleConditions,
  type RuleMechanism,
} from '@homeward/login-guards';
import { createNetworkTest, parseNetwork } from '@homeward/net';

/** Where a client is, and how it would log in. */
export interface ClientSketch {
  /** Undefined: not said. */
  readonly address: string | undefined;
  readonly mechanism: RuleMechanism;
  readonly hasTls: boolean;
}

/** One protocol's answer. */
export type AccessAnswer =
  | { readonly decision: 'allow'; readonly rule: string | null }
  | {
      readonly decision: 'deny';
      /** Null: the setting throttle.denyNetworks. */
      readonly rule: string | null;
      /** Said as what it is; otherwise as a wrong password. */
      readonly isToldPlainly: boolean;
    }
  /** Rules ask where the client is. */
  | { readonly decision: 'needs-address'; readonly rule: null };

export interface AccessQuestion {
  readonly rules: readonly AccessRule[];
  readonly deniedNetworks: unknown;
  readonly client: ClientSketch;
  readonly account: AccountRecord | undefined;
  /** As typed, for a name that nobody has. */
  readonly login: string;
  readonly home: string | undefined;
}

/** Asks the rules about one protocol. */
export function askRules(protocol: MailProtocol, question: AccessQuestion): AccessAnswer {
  const { rules, deniedNetworks, client, account, login, home } = question;
  const { address, mechanism, hasTls } = client;
  if (address === undefined) {
    if (rules.some(({ when, unless }) => asksNetwork(when) || asksNetwork(unless))) {
      return { decision: 'needs-address', rule: null };
    }
  } else if (isIn(deniedNetworks, address)) {
    return { decision: 'deny', rule: null, isToldPlainly: true };
  }
  const compiled = compileRules(rules);
  // Where no rule asks for it, any address gives the same answer.
  const connection = { protocol, address: address ?? '0.0.0.0', mechanism, hasTls };
  const before = compiled.judge({ ...connection, account: undefined });
  const names = account === undefined ? [login] : [account.address, ...account.names];
  const verdict =
    before.kind === 'undecided'
      ? compiled.judge({ ...connection, account: { names, site: account && home } })
      : before;
  const rule =
    verdict.kind === 'undecided' || verdict.rule === undefined
      ? null
      : `${verdict.rule.position}, ${verdict.rule.name}`;
  if (verdict.kind !== 'deny') return { decision: 'allow', rule };
  return { decision: 'deny', rule, isToldPlainly: before.kind === 'deny' };
}

function asksNetwork({ networks }: RuleConditions): boolean {
  return networks !== undefined;
}

/** Whether an address is in one of the networks of a setting. */
export function isIn(setting: unknown, address: string): boolean {
  if (!Array.isArray(setting)) return false;
  const networks = setting.filter((one): one is string => typeof one === 'string');
  return createNetworkTest(networks.filter((one) => parseNetwork(one).ok))(address);
}
