/** `homeward rules list`, `add`, `remove` and `move`. */
import type { AccessRule } from '@homeward/login-guards';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { formatTable } from '../output/format-table.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { type Deployment, openDeployment } from '../wiring.ts';
import { describeRule } from './format-rule.ts';
import { conditionsOf, type RuleOptions } from './rule-options.ts';
import { findRule, readRules, writeRules } from './stored-rules.ts';

export interface AddRuleOptions extends OperatorOptions, RuleOptions {
  readonly at?: string;
}

export async function listRules(context: CommandContext, options: OperatorOptions): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  printRules(context, options, await readRules(deployment.driver));
}

/** @throws OperatorError if it cannot be. */
export async function addRule(
  context: CommandContext,
  action: string,
  name: string,
  options: AddRuleOptions,
): Promise<void> {
  if (action !== 'allow' && action !== 'deny') {
    throw new OperatorError(`${action}: write allow or deny`, EXIT_CODES.usage);
  }
  const rule: AccessRule = { name, action, ...conditionsOf(options) };
  await using deployment = await openDeployment(options.config, context.environment);
  await requireSites(deployment, rule);
  await changeRules(context, options, deployment, (rules) =>
    rules.toSpliced(readPlace(options.at, rules.length + 1) - 1, 0, rule),
  );
}

/** A rule about a site that is not there applies to nobody, and looks as if it held. */
async function requireSites({ driver }: Deployment, { when, unless }: AccessRule): Promise<void> {
  const sites = new Set((await driver.listSites()).map(({ name }) => String(name)));
  const unknown = [...(when.sites ?? []), ...(unless.sites ?? [])].find((one) => !sites.has(one));
  if (unknown === undefined) return;
  throw new OperatorError(
    `the directory has no site ${unknown}; see homeward site list`,
    EXIT_CODES.refused,
  );
}

/** @param which Its name, or its place. */
export async function removeRule(
  context: CommandContext,
  which: string,
  options: OperatorOptions,
): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  await changeRules(context, options, deployment, (rules) =>
    rules.toSpliced(findRule(rules, which).index, 1),
  );
}

/** @param place From 1 on, as it is afterwards. */
export async function moveRule(
  context: CommandContext,
  which: string,
  place: string,
  options: OperatorOptions,
): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  await changeRules(context, options, deployment, (rules) => {
    const { index, rule } = findRule(rules, which);
    return rules.toSpliced(index, 1).toSpliced(readPlace(place, rules.length) - 1, 0, rule);
  });
}

async function changeRules(
  context: CommandContext,
  options: OperatorOptions,
  { driver }: Deployment,
  change: (rules: readonly AccessRule[]) => readonly AccessRule[],
): Promise<void> {
  const rules = change(await readRules(driver));
  await writeRules(driver, rules);
  printRules(context, options, rules);
}

function readPlace(text: string | undefined, last: number): number {
  if (text === undefined) return last;
  const place = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (place >= 1 && place <= last) return place;
  throw new OperatorError(`${text} is no place; write 1 to ${last}`, EXIT_CODES.usage);
}

function printRules(
  context: CommandContext,
  options: OperatorOptions,
  rules: readonly AccessRule[],
): void {
  printResult(context, options, rules, () => {
    if (rules.length === 0) return 'No rules: everybody may log in from everywhere.';
    const rows = rules.map((rule, index) => [
      String(index + 1),
      rule.name,
      rule.action,
      describeRule(rule),
    ]);
    return formatTable(['place', 'rule', 'action', 'which logins'], rows);
  });
}
