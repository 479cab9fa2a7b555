/** The options that say which sessions are meant, as `list`, `count` and `kick` share them. */
import { parseSiteName, type Protocol, type SessionEndRequest } from '@homeward/directory';
import { createNetworkTest, parseNetwork } from '@homeward/net';
import { unknownAccount } from '../accounts/account-view.ts';
import type { OperatorOptions } from '../commands/command-context.ts';
import { PROTOCOLS } from '../accounts/protocols.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import type { Deployment } from '../wiring.ts';

/** As commander gives them. */
export interface SessionFilterOptions extends OperatorOptions {
  readonly account?: string;
  readonly site?: string;
  readonly protocol?: string;
  readonly network?: string;
  readonly frontEnd?: string;
  readonly conversation?: string;
}

/** Without the network's meaning, which each side works out for itself. */
export type SessionFilter = Pick<
  SessionEndRequest,
  'accountId' | 'site' | 'protocol' | 'network' | 'frontEnd' | 'conversationId'
>;

/** @throws OperatorError for what cannot be meant. */
export async function readSessionFilter(
  { driver, accounts }: Pick<Deployment, 'driver' | 'accounts'>,
  options: SessionFilterOptions,
): Promise<SessionFilter> {
  const { account, site, protocol, network, frontEnd, conversation } = options;
  const found = account === undefined ? undefined : await accounts.find(account);
  if (account !== undefined && found === undefined) throw unknownAccount(account);
  const siteName = site === undefined ? undefined : parseSiteName(site);
  if (site !== undefined && (!siteName || (await driver.getSite(siteName)) === undefined)) {
    throw new OperatorError(
      `the directory has no site ${site}; see homeward site list`,
      EXIT_CODES.refused,
    );
  }
  return {
    accountId: found?.id,
    site: siteName,
    protocol: readProtocol(protocol),
    network: readNetwork(network),
    frontEnd,
    conversationId: conversation?.toUpperCase(),
  };
}

/** Whether the client's address is meant; undefined if any is. */
export function clientTest({
  network,
}: SessionFilter): ((clientAddress: string) => boolean) | undefined {
  return network === undefined ? undefined : createNetworkTest([network]);
}

/** True if no option says which: all sessions are meant. */
export function meansAll(filter: SessionFilter): boolean {
  return Object.values(filter).every((value) => value === undefined);
}

function readProtocol(text: string | undefined): Protocol | undefined {
  const lower = text?.toLowerCase();
  const known = PROTOCOLS.find((protocol) => protocol === lower);
  if (lower === undefined || known !== undefined) return known;
  const names = PROTOCOLS.join(', ');
  throw new OperatorError(`--protocol: "${text}" is none; use one of ${names}`, EXIT_CODES.usage);
}

function readNetwork(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const parsed = parseNetwork(text);
  if (parsed.ok) return text;
  const hint = parsed.suggestion === undefined ? '' : `; use ${parsed.suggestion}`;
  throw new OperatorError(
    `--network: "${text}" is no network (${parsed.reason})${hint || '; as in 192.0.2.0/24'}`,
    EXIT_CODES.usage,
  );
}
