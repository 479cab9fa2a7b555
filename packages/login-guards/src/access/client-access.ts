/** The client access rules and the networks that are denied, as they are in force. */
import { createNetworkSetting } from '../network-setting.ts';
import type { AccessRule } from './access-rule.ts';
import {
  type AccessFacts,
  type AccessVerdict,
  compileRules,
  type CompiledRules,
} from './evaluate-rules.ts';

/** Who may log in how, and from where. */
export interface ClientAccess {
  judge(facts: AccessFacts): AccessVerdict;
}

/** Read at each login. */
export interface ClientAccessParts {
  readonly rules: () => readonly AccessRule[];
  readonly deniedNetworks: () => readonly string[];
}

export function createClientAccess({ rules, deniedNetworks }: ClientAccessParts): ClientAccess {
  const denied = createNetworkSetting();
  let made: { readonly from: readonly AccessRule[]; readonly compiled: CompiledRules } | undefined;
  return {
    judge(facts) {
      if (denied.has(deniedNetworks(), facts.address)) return { kind: 'deny', rule: undefined };
      const from = rules();
      if (made?.from !== from) made = { from, compiled: compileRules(from) };
      return made.compiled.judge(facts);
    },
  };
}
