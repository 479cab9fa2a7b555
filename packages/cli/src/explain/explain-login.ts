/** `homeward explain`: what is known of a login, and what would happen now. Changes nothing. */
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { listKnownSettings } from '../settings/known-settings.ts';
import { openDeployment, openHomeChecker } from '../wiring.ts';
import type { HomeCheck } from './check-home.ts';
import { formatExplanation } from './format-explanation.ts';
import { judgeLogin, type MailProtocol, type Verdict } from './judge-login.ts';
import { type LoginFacts, readLoginFacts } from './login-facts.ts';
import { type Explanation, viewExplanation } from './explanation-view.ts';

export interface ExplainOptions extends OperatorOptions {
  readonly actAs?: string | undefined;
  /** False: homes are not connected to. */
  readonly check?: boolean | undefined;
}

const PROTOCOLS: readonly MailProtocol[] = ['imap', 'pop3'];

/** Explained is done, whatever would come of the login. */
export async function explainLogin(
  context: CommandContext,
  login: string,
  options: ExplainOptions,
): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  const { driver, config } = deployment;
  const facts = await readLoginFacts(driver, { login, actAs: options.actAs });
  const checks = options.check === false ? {} : await checkHomes(facts, config.homes.caFile);
  const sessionLimit = findSessionLimit(facts);
  const verdicts = PROTOCOLS.map((protocol): [MailProtocol, Verdict] => [
    protocol,
    judgeLogin(facts, protocol, {
      sessionLimit: sessionLimit.value,
      isProtocolOn: facts.settings[`${protocol}.enabled`] !== false,
      homeCheck: checks[protocol],
    }),
  ]);
  const explanation: Explanation = viewExplanation({
    login,
    driver: config.directory.driver,
    facts,
    sessionLimit,
    checks,
    verdicts,
  });
  printResult(context, options, explanation, () => formatExplanation(explanation));
}

async function checkHomes(
  { home }: LoginFacts,
  caFile: string,
): Promise<Partial<Record<MailProtocol, HomeCheck>>> {
  if (home?.site === undefined || home.owner === undefined) return {};
  const { site, owner } = home;
  const check = await openHomeChecker(caFile);
  const [imap, pop3] = await Promise.all(
    PROTOCOLS.map((protocol) => check(site, owner.address, protocol)),
  );
  return { ...(imap && { imap }), ...(pop3 && { pop3 }) };
}

/** MaxConnectionsPerUser as it holds for the account, and who says so. */
function findSessionLimit({ account, settings }: LoginFacts): {
  readonly value: number;
  readonly source: 'account' | 'setting' | 'default';
} {
  const name = 'connectionLimits.perUser';
  if (account?.connectionLimit !== undefined) {
    return { value: account.connectionLimit, source: 'account' };
  }
  const override = settings[name];
  if (typeof override === 'number') return { value: override, source: 'setting' };
  // A front end's file may say otherwise; it is not known here.
  const known = listKnownSettings().find(({ key }) => key === name);
  return { value: Number(known?.defaultValue), source: 'default' };
}
