/** A rule's conditions and exceptions as options of the command line. */
import type { RuleConditions } from '@homeward/login-guards';
import {
  RULE_MECHANISMS,
  RULE_PROTOCOLS,
  type RuleMechanism,
  type RuleProtocol,
} from '@homeward/login-guards/rule-words';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { collect } from '../commands/command-context.ts';

/** As commander gives them. */
export interface RuleOptions {
  readonly protocol?: readonly RuleProtocol[];
  readonly network?: readonly string[];
  readonly mechanism?: readonly RuleMechanism[];
  readonly account?: readonly string[];
  readonly site?: readonly string[];
  readonly tls?: 'yes' | 'no';
  readonly exceptProtocol?: readonly RuleProtocol[];
  readonly exceptNetwork?: readonly string[];
  readonly exceptMechanism?: readonly RuleMechanism[];
  readonly exceptAccount?: readonly string[];
  readonly exceptSite?: readonly string[];
}

const KINDS: readonly (readonly [string, string, readonly string[] | undefined])[] = [
  ['protocol', 'name', RULE_PROTOCOLS],
  ['network', 'network', undefined],
  ['mechanism', 'name', RULE_MECHANISMS],
  ['account', 'pattern', undefined],
  ['site', 'name', undefined],
];

/** Adds them; each may be given several times, and then any of them is meant. */
export function addRuleOptions(command: Command): Command {
  for (const [prefix, text] of [
    ['', 'only logins with this'],
    ['except-', 'but not those with this'],
  ] as const) {
    for (const [kind, value, choices] of KINDS) {
      const option = new Option(`--${prefix}${kind} <${value}>`, `${text} ${kind}`);
      if (choices === undefined) option.argParser(collect);
      else option.argParser(chooseFrom(choices));
      command.addOption(option);
    }
  }
  return command.addOption(
    new Option('--tls <answer>', 'only logins that are, or are not, encrypted').choices([
      'yes',
      'no',
    ]),
  );
}

/** Any case is meant. */
function chooseFrom(
  choices: readonly string[],
): (value: string, before: readonly string[] | undefined) => readonly string[] {
  return (value, before) => {
    const chosen = choices.find((choice) => choice.toLowerCase() === value.toLowerCase());
    if (chosen !== undefined) return collect(chosen, before);
    throw new InvalidArgumentError(`Use one of ${choices.join(', ')}`);
  };
}

export function conditionsOf(options: RuleOptions): {
  readonly when: RuleConditions;
  readonly unless: RuleConditions;
} {
  const { tls } = options;
  return {
    when: defined({
      protocols: options.protocol,
      networks: options.network,
      mechanisms: options.mechanism,
      accounts: options.account,
      sites: options.site,
      tls: tls === undefined ? undefined : tls === 'yes',
    }),
    unless: defined({
      protocols: options.exceptProtocol,
      networks: options.exceptNetwork,
      mechanisms: options.exceptMechanism,
      accounts: options.exceptAccount,
      sites: options.exceptSite,
    }),
  };
}

function defined(conditions: RuleConditions): RuleConditions {
  return Object.fromEntries(
    Object.entries(conditions).filter(([, value]) => value !== undefined),
  ) as RuleConditions;
}
