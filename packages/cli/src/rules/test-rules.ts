/** `homeward rules test`: which rule would decide about a login. Exchange: Test-ClientAccessRule. */
import { type AccountRecord, normaliseLoginName } from '@homeward/directory';
import {
  type AccessFacts,
  type AccessVerdict,
  compileRules,
  type RuleMechanism,
  type RuleProtocol,
} from '@homeward/login-guards';
import { createNetworkTest, parseNetwork } from '@homeward/net';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { type Deployment, openDeployment } from '../wiring.ts';
import { describeRule } from './format-rule.ts';
import { readRules } from './stored-rules.ts';

export interface TestRulesOptions extends OperatorOptions {
  readonly protocol: RuleProtocol;
  readonly address: string;
  readonly mechanism: RuleMechanism;
  readonly account?: string;
  readonly tls: 'yes' | 'no';
}

/** Tested is done, whatever the rules say. @throws OperatorError if the address is none. */
export async function testRules(context: CommandContext, options: TestRulesOptions): Promise<void> {
  const { protocol, address, mechanism, tls } = options;
  if (!parseNetwork(address).ok || address.includes('/')) {
    throw new OperatorError(`--address: ${address} is no IP address`, EXIT_CODES.usage);
  }
  await using deployment = await openDeployment(options.config, context.environment);
  const rules = await readRules(deployment.driver);
  const settings = await deployment.driver.getSettings();
  const connection = { protocol, address, mechanism, hasTls: tls === 'yes' };
  const account = await findAccount(deployment, options.account);
  const compiled = compileRules(rules);
  const before = compiled.judge({ ...connection, account: undefined });
  const verdict: AccessVerdict = isDeniedNetwork(settings['throttle.denyNetworks'], address)
    ? { kind: 'deny', rule: undefined }
    : account === undefined
      ? before
      : compiled.judge({ ...connection, account });
  const rule = verdict.kind === 'undecided' ? undefined : verdict.rule;
  const found = rule && rules[rule.position - 1];
  const told =
    verdict.kind !== 'deny' ? null : before.kind === 'undecided' ? 'wrong-password' : 'policy';
  const view = {
    decision: verdict.kind,
    place: rule?.position ?? null,
    rule: rule?.name ?? null,
    told,
  } as const;
  printResult(context, options, view, () =>
    [
      `${DECISIONS[verdict.kind]}: ${explain(verdict, found && describeRule(found))}`,
      ...(told === null ? [] : [TOLD[told]]),
    ].join('\n'),
  );
}

const DECISIONS: Readonly<Record<AccessVerdict['kind'], string>> = {
  allow: 'Allowed',
  deny: 'Denied',
  undecided: 'Undecided',
};
const TOLD = {
  policy: 'Told that logins like this are not allowed here, before the password is looked at.',
  'wrong-password': 'Told as a wrong password is, whatever the password.',
} as const;

function explain(verdict: AccessVerdict, which: string | undefined): string {
  if (verdict.kind === 'undecided') return 'it depends on the account; name one with --account.';
  if (verdict.rule !== undefined) {
    return `rule ${verdict.rule.position}, ${verdict.rule.name} (${which ?? ''}).`;
  }
  return verdict.kind === 'deny' ? 'the setting throttle.denyNetworks.' : 'no rule applies.';
}

async function findAccount(
  { accounts }: Pick<Deployment, 'accounts'>,
  which: string | undefined,
): Promise<AccessFacts['account']> {
  if (which === undefined) return undefined;
  const account: AccountRecord | undefined = await accounts.find(which);
  if (account === undefined)
    return { names: [normaliseLoginName(which) ?? which], site: undefined };
  return { names: [account.address, ...account.names], site: account.home };
}

function isDeniedNetwork(setting: unknown, address: string): boolean {
  if (!Array.isArray(setting)) return false;
  const networks = setting.filter((one): one is string => typeof one === 'string');
  return createNetworkTest(networks.filter((one) => parseNetwork(one).ok))(address);
}
