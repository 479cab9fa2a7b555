/**
 * What the directory knows of a login name, read without changing anything: the facts by which a
 * front end would decide, in the order in which it does.
 */
import {
  type AccountRecord,
  type AppPassword,
  type ComponentRequest,
  type DirectoryDriver,
  type ListedSession,
  type LoginIdentities,
  readLoginIdentities,
  type SiteRecord,
  type ShardOwner,
  workerFor,
} from '@homeward/directory';
import { countedNetwork } from '@homeward/net';
import { isIn } from './access-facts.ts';
import { readThrottleFacts, type ThrottleFacts } from './throttle-facts.ts';

/** Whose login it would be, and from where. */
export interface LoginQuestion {
  /** As a person would type it; may be a delegate form. */
  readonly login: string;
  /** Another's mailbox, as an authorization identity. */
  readonly actAs: string | undefined;
  /** The client's; undefined: not said. */
  readonly address: string | undefined;
}

/** Where the mailbox is. */
export interface HomeFacts {
  /** As the account's record says. */
  readonly name: string;
  /** Undefined if the directory has no such site. */
  readonly site: SiteRecord | undefined;
  /** Undefined if the shard table names no worker. */
  readonly owner: ShardOwner | undefined;
}

/** What `connectionLimits.perAddress` is about. */
export interface NetworkCount {
  /** An address of IPv4, a /64 of IPv6. */
  readonly network: string;
  readonly count: number;
  readonly limit: number;
}

/** Everything that was found. */
export interface LoginFacts {
  readonly identities: LoginIdentities;
  /** Who would log in; undefined if nobody has the name. */
  readonly account: AccountRecord | undefined;
  /** Whether the account has a secret of its own, and since when. */
  readonly secretSetAtMs: number | undefined;
  /** Secrets that were made for single programs. */
  readonly appPasswords: readonly Pick<AppPassword, 'label' | 'protocols'>[];
  /** The mailbox that would be opened; the account itself unless another's was named. */
  readonly mailbox: AccountRecord | undefined;
  readonly home: HomeFacts | undefined;
  /** Of the account that logs in, over all front ends. */
  readonly sessionCount: number;
  /**
   * Sessions of all accounts whose clients are counted as this one is; undefined: no address was
   * said, or nobody counts, as far as the directory says.
   */
  readonly fromNetwork: NetworkCount | undefined;
  /** Those of them that are shown, and those of others in the mailbox. */
  readonly sessions: readonly ListedSession[];
  /** Who wants the home, its worker or front ends to rest. */
  readonly componentRequests: readonly ComponentRequest[];
  readonly throttle: ThrottleFacts;
  /** What overrides the services' files. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Whoever has more asks `homeward session list`. */
const SESSIONS_SHOWN = 20;

type Source = Pick<
  DirectoryDriver,
  | 'findAccountId'
  | 'getAccount'
  | 'loadLogin'
  | 'getSite'
  | 'countSessions'
  | 'getSettings'
  | 'throttle'
  | 'operations'
>;

/** Reads all of it. Rejects with `DirectoryUnavailableError` alone. */
export async function readLoginFacts(
  driver: Source,
  { login, actAs, address }: LoginQuestion,
): Promise<LoginFacts> {
  const identities = readLoginIdentities(login, actAs);
  const [account, other, settings] = await Promise.all([
    identities.kind === 'invalid' ? undefined : findAccount(driver, identities.name),
    identities.kind === 'delegate' ? findAccount(driver, identities.mailbox) : undefined,
    driver.getSettings(),
  ]);
  const mailbox = identities.kind === 'delegate' ? other : account;
  const [record, sessionCount, fromNetwork, home, throttle, sessions, requests] = await Promise.all(
    [
      account && driver.loadLogin(account.id),
      account === undefined ? 0 : driver.countSessions(account.id),
      countFrom(driver, address, settings),
      mailbox && readHome(driver, mailbox),
      readThrottleFacts(driver, account, address),
      mailbox === undefined ? [] : listSessions(driver, mailbox),
      driver.operations.listComponentRequests(),
    ],
  );
  return {
    identities,
    account,
    secretSetAtMs: record?.credentials?.setAtMs,
    appPasswords: record?.appPasswords?.all ?? [],
    mailbox,
    home,
    sessionCount,
    fromNetwork,
    sessions,
    componentRequests: requests.filter((request) => concerns(request, home)),
    throttle,
    settings,
  };
}

async function countFrom(
  driver: Source,
  address: string | undefined,
  settings: LoginFacts['settings'],
): Promise<NetworkCount | undefined> {
  const limit = settings['connectionLimits.perAddress'];
  if (address === undefined || typeof limit !== 'number') return undefined;
  const isExempt = (other: string): boolean =>
    isIn(settings['connectionLimits.exemptNetworks'], other);
  if (isExempt(address)) return undefined;
  const network = countedNetwork(address);
  const isFrom = (clientAddress: string): boolean =>
    countedNetwork(clientAddress) === network && !isExempt(clientAddress);
  const page = { after: undefined, limit: 0 };
  const { totalCount } = await driver.operations.listSessions({ isFrom }, page);
  return { network, count: totalCount, limit };
}

async function listSessions(
  driver: Pick<Source, 'operations'>,
  { id }: AccountRecord,
): Promise<readonly ListedSession[]> {
  const page = { after: undefined, limit: SESSIONS_SHOWN };
  return (await driver.operations.listSessions({ accountId: id }, page)).sessions;
}

/** Whether a part of the deployment that rests concerns logins to this home. */
function concerns({ component }: ComponentRequest, home: HomeFacts | undefined): boolean {
  if (component.startsWith('frontend:')) return true;
  if (home === undefined) return false;
  const { name, owner } = home;
  if (component === `site:${name}`) return true;
  return owner !== undefined && component === `worker:${name}/${owner.workerIndex}`;
}

async function findAccount(driver: Source, name: string): Promise<AccountRecord | undefined> {
  const id = await driver.findAccountId(name);
  return id && driver.getAccount(id);
}

async function readHome(
  driver: Pick<Source, 'getSite'>,
  { id, home }: AccountRecord,
): Promise<HomeFacts> {
  const site = await driver.getSite(home);
  return { name: home, site, owner: site && workerFor(site, id) };
}
