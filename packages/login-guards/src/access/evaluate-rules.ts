/**
 * Evaluates client access rules, with as much as is known of a login: before the account is
 * looked up, rules about accounts and sites may apply or not. Pure.
 */
import { createNetworkTest } from '@homeward/net';
import type { AccessRule, RuleConditions } from './access-rule.ts';
import type { RuleMechanism, RuleProtocol } from './rule-words.ts';

/** What is known of a login. */
export interface AccessFacts {
  readonly protocol: RuleProtocol;
  readonly address: string;
  readonly mechanism: RuleMechanism;
  readonly hasTls: boolean;
  /** Undefined before the look-up. */
  readonly account:
    | {
        /** Its address and all its names, or the name as typed when nobody has it; any case. */
        readonly names: readonly string[];
        /** Of the mailbox; undefined when nobody has the name. */
        readonly site: string | undefined;
      }
    | undefined;
}

/** What the rules say. */
export type AccessVerdict =
  | {
      readonly kind: 'allow' | 'deny';
      /** The one that decides, and its place in the list from 1 on; undefined: none applies. */
      readonly rule: { readonly name: string; readonly position: number } | undefined;
    }
  /** It depends on the account. */
  | { readonly kind: 'undecided' };

/** A rule made ready; see `compileRules`. */
interface CompiledRule {
  readonly rule: AccessRule;
  readonly when: Test;
  readonly unless: Test;
}

/** Undefined: not known yet. */
type Answer = boolean | undefined;
type Test = (facts: AccessFacts) => Answer;

export interface CompiledRules {
  judge(facts: AccessFacts): AccessVerdict;
}

/** Makes rules ready, since a front end asks them at each login. */
export function compileRules(rules: readonly AccessRule[]): CompiledRules {
  const compiled: readonly CompiledRule[] = rules.map((rule) => ({
    rule,
    when: allOf(testsOf(rule.when)),
    unless: anyOf(testsOf(rule.unless)),
  }));
  return { judge: (facts) => judge(compiled, facts) };
}

function judge(rules: readonly CompiledRule[], facts: AccessFacts): AccessVerdict {
  for (const [index, { rule, when, unless }] of rules.entries()) {
    const applies = and(when(facts), not(unless(facts)));
    if (applies === undefined) return { kind: 'undecided' };
    if (applies) return { kind: rule.action, rule: { name: rule.name, position: index + 1 } };
  }
  return { kind: 'allow', rule: undefined };
}

function testsOf(conditions: RuleConditions): readonly Test[] {
  const { protocols, networks, mechanisms, tls, accounts, sites } = conditions;
  const isInNetwork = networks && createNetworkTest(networks);
  const patterns = accounts?.map(compilePattern);
  const tests: (Test | undefined)[] = [
    protocols && (({ protocol }) => protocols.includes(protocol)),
    isInNetwork && (({ address }) => isInNetwork(address)),
    mechanisms && (({ mechanism }) => mechanisms.includes(mechanism)),
    tls === undefined ? undefined : ({ hasTls }) => hasTls === tls,
    patterns &&
      (({ account }) =>
        account?.names.some((name) => patterns.some((pattern) => pattern.test(name)))),
    sites &&
      (({ account }) => account && account.site !== undefined && sites.includes(account.site)),
  ];
  return tests.filter((test) => test !== undefined);
}

/** `*@example.org`: no other character is special, and case does not matter. */
function compilePattern(pattern: string): RegExp {
  const parts = pattern.normalize('NFC').split(/\*+/);
  return new RegExp(`^${parts.map(escapeForPattern).join('.*')}$`, 'isu');
}

function escapeForPattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

function allOf(tests: readonly Test[]): Test {
  return (facts) => tests.reduce<Answer>((answer, test) => and(answer, test(facts)), true);
}

function anyOf(tests: readonly Test[]): Test {
  return (facts) =>
    not(tests.reduce<Answer>((answer, test) => and(answer, not(test(facts))), true));
}

/** What is false by one part is false whatever the other may be. */
function and(one: Answer, other: Answer): Answer {
  if (one === false || other === false) return false;
  return one === undefined || other === undefined ? undefined : true;
}

function not(answer: Answer): Answer {
  return answer === undefined ? undefined : !answer;
}
