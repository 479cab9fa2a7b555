/** `homeward explain`: what is known of a login, and what would happen now. Changes nothing. */
import { MAIL_PROTOCOLS, type MailProtocol } from '@homeward/frontend';
import type { RuleMechanism } from '@homeward/login-guards';
import { parseNetwork, plainAddress } from '@homeward/net';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { readRules } from '../rules/stored-rules.ts';
import { openDeployment, openHomeChecker } from '../wiring.ts';
import { askRules, type ClientSketch } from './access-facts.ts';
import { checkForeignHome, type HomeCheck } from './check-home.ts';
import { effectiveSettings } from './effective-settings.ts';
import { viewExplanation } from './explanation-view.ts';
import { formatExplanation } from './format-explanation.ts';
import { judgeLogin } from './judge-login.ts';
import { type LoginFacts, readLoginFacts } from './login-facts.ts';

export interface ExplainOptions extends OperatorOptions {
  readonly actAs?: string | undefined;
  readonly address?: string | undefined;
  readonly mechanism: RuleMechanism;
  readonly tls: 'yes' | 'no';
  /** False: homes are not connected to. */
  readonly check?: boolean | undefined;
}

/** Explained is done, whatever would come of the login. @throws OperatorError. */
export async function explainLogin(
  context: CommandContext,
  login: string,
  options: ExplainOptions,
): Promise<void> {
  const client = sketchClient(options);
  await using deployment = await openDeployment(options.config, context.environment);
  const { driver, config } = deployment;
  const [facts, rules] = await Promise.all([
    readLoginFacts(driver, { login, actAs: options.actAs, address: client.address }),
    readRules(driver),
  ]);
  const checks = options.check === false ? {} : await checkHomes(facts, config.homes.caFile);
  const effective = effectiveSettings(facts, client);
  const question = {
    rules,
    deniedNetworks: facts.settings['throttle.denyNetworks'],
    client,
    account: facts.account,
    login,
    home: facts.mailbox?.home,
  };
  const protocols = MAIL_PROTOCOLS.map((protocol) => {
    const access = askRules(protocol, question);
    const verdict = judgeLogin(facts, protocol, {
      sessionLimit: effective.sessions.limit,
      isProtocolOn: effective.isProtocolOn(protocol),
      isMechanismOffered: effective.isMechanismOffered(protocol),
      access,
      homeCheck: checks[protocol],
    });
    return { protocol, access, verdict };
  });
  const source = config.directory.driver;
  const parts = { login, driver: source, facts, client, effective, checks, protocols };
  const explanation = viewExplanation(parts);
  printResult(context, options, explanation, () => formatExplanation(explanation));
}

function sketchClient({ address, mechanism, tls }: ExplainOptions): ClientSketch {
  if (address !== undefined && (!parseNetwork(address).ok || address.includes('/'))) {
    throw new OperatorError(`--address: ${address} is no IP address`, EXIT_CODES.usage);
  }
  const plain = address === undefined ? undefined : plainAddress(address);
  return { address: plain, mechanism, hasTls: tls === 'yes' };
}

/** @returns Nothing where nobody can be asked. */
async function findAsker(
  home: LoginFacts['home'],
  caFile: string,
): Promise<((protocol: MailProtocol) => Promise<HomeCheck | undefined>) | undefined> {
  const { site, owner } = home ?? {};
  if (site === undefined) return undefined;
  if (site.foreign !== undefined) return (protocol) => checkForeignHome(site, protocol);
  if (owner === undefined) return undefined;
  const check = await openHomeChecker(caFile);
  return (protocol) => check(site, owner.address, protocol);
}

async function checkHomes(
  { home }: LoginFacts,
  caFile: string,
): Promise<Partial<Record<MailProtocol, HomeCheck>>> {
  const ask = await findAsker(home, caFile);
  if (ask === undefined) return {};
  const asked = await Promise.all(
    MAIL_PROTOCOLS.map(async (protocol) => ({ protocol, answer: await ask(protocol) })),
  );
  const answers: Partial<Record<MailProtocol, HomeCheck>> = {};
  for (const { protocol, answer } of asked) {
    if (answer !== undefined) answers[protocol] = answer;
  }
  return answers;
}
