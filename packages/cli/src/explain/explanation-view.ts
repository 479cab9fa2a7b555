/** What `homeward explain --json` prints; a contract with scripts. */
import { shardOf, type SiteRecord } from '@homeward/directory';
import { doorsOf, type MailProtocol } from '@homeward/frontend';
import { type AccountView, viewAccount } from '../accounts/account-view.ts';
import type { AccessAnswer, ClientSketch } from './access-facts.ts';
import type { HomeCheck } from './check-home.ts';
import type { EffectiveSettings, LimitSource } from './effective-settings.ts';
import { judgeOfSecret, type Verdict } from './judge-login.ts';
import type { LoginFacts, NetworkCount } from './login-facts.ts';
import { isSlowed, type ThrottleFacts } from './throttle-facts.ts';

export interface Explanation {
  readonly login: string;
  readonly source: {
    readonly directory: 'redis' | 'embedded';
    /** Whether an LDAP entry stands behind the account, and how it was last seen. */
    readonly ldap: { readonly state: string; readonly isFollowed: boolean } | null;
  };
  /** Where the client is and how it would log in, as the command was told. */
  readonly client: {
    readonly address: string | null;
    readonly mechanism: string;
    readonly tls: boolean;
  };
  /** How the name was read: `own`, `delegate` or `invalid`. */
  readonly identity: LoginFacts['identities'];
  /** Who would log in; null: nobody has the name. */
  readonly account: AccountView | null;
  readonly secret: {
    readonly judgedBy: 'directory' | 'ldap' | 'home';
    readonly setAt: string | null;
    /** App passwords alone are taken. */
    readonly isPasswordOff: boolean;
    readonly appPasswords: readonly {
      readonly label: string;
      readonly protocols: readonly string[];
    }[];
  };
  /** Whose mailbox would be opened, where it is another's. */
  readonly mailbox: AccountView | null;
  readonly home: {
    readonly site: string;
    readonly epoch: number;
    /** Of other software: how an account logs in there. */
    readonly foreignLogin: string | null;
    /** Of other software: what each front end's file must have for it, which is not seen here. */
    readonly frontEndsNeed: readonly FrontEndNeed[];
    readonly shard: number;
    readonly shardTableVersion: number | null;
    readonly worker: number | null;
    readonly serverName: string | null;
    /** `host:port` by protocol: the worker's, or all that a site of other software has. */
    readonly hosts: Readonly<Record<MailProtocol, readonly string[]>>;
    /** By protocol, where it was asked: whether the worker answers now. */
    readonly answers: Partial<Record<MailProtocol, HomeCheck>>;
  } | null;
  readonly sessions: {
    readonly count: number;
    /** Null: none for the client's network. */
    readonly limit: number | null;
    /** Whose word that is; `default` unless a front end's file says more. */
    readonly limitSource: LimitSource;
    /**
     * Those of everybody that count for the client's address, and how many may be; null: no
     * address was said, or there is no limit, as far as the directory says.
     */
    readonly fromNetwork: NetworkCount | null;
    /** Of the mailbox, by whomever; 20 at most. */
    readonly live: readonly {
      readonly conversation: string;
      readonly protocol: string;
      readonly clientAddress: string;
      readonly frontEnd: string;
      readonly startedAt: string;
    }[];
  };
  /** Front ends that rest, and the home or its worker if they do; empty: all are active. */
  readonly components: readonly {
    readonly component: string;
    readonly state: string;
    readonly requester: string;
    readonly who: string;
    readonly why: string | null;
    readonly since: string;
  }[];
  readonly throttle: ThrottleFacts & {
    /** Whether a login would be held for some seconds, or refused for that. */
    readonly isSlowed: boolean;
    /** Longest that it would be held. */
    readonly maxDelaySeconds: number;
  };
  /** What would come of a login whose secret is right. */
  readonly protocols: readonly ({
    readonly protocol: MailProtocol;
    /** What client access rules say. */
    readonly rules: AccessAnswer;
  } & Verdict)[];
}

/** A setting of front ends' files, and the name that the site's record uses there. */
export interface FrontEndNeed {
  readonly setting: 'homes.secrets' | 'homes.clientCertificates';
  readonly name: string;
}

export interface ExplanationParts {
  readonly login: string;
  readonly driver: 'redis' | 'embedded';
  readonly facts: LoginFacts;
  readonly client: ClientSketch;
  readonly effective: EffectiveSettings;
  readonly checks: Partial<Record<MailProtocol, HomeCheck>>;
  readonly protocols: readonly {
    readonly protocol: MailProtocol;
    readonly access: AccessAnswer;
    readonly verdict: Verdict;
  }[];
}

export function viewExplanation(parts: ExplanationParts): Explanation {
  const { login, driver, facts, client, effective, protocols } = parts;
  const { identities, account, secretSetAtMs, mailbox, throttle } = facts;
  const { limit, source } = effective.sessions;
  return {
    login,
    source: { directory: driver, ldap: viewLdap(account) },
    client: {
      address: client.address ?? null,
      mechanism: client.mechanism,
      tls: client.hasTls,
    },
    identity: identities,
    account: account === undefined ? null : viewAccount(account),
    secret: {
      judgedBy: judgeOfSecret(facts),
      setAt: secretSetAtMs === undefined ? null : new Date(secretSetAtMs).toISOString(),
      isPasswordOff: account?.isPasswordLoginOff === true,
      appPasswords: facts.appPasswords.map(({ label, protocols: of }) => ({
        label,
        protocols: of,
      })),
    },
    mailbox: mailbox === undefined || mailbox.id === account?.id ? null : viewAccount(mailbox),
    home: viewHome(parts),
    sessions: {
      count: facts.sessionCount,
      limit: Number.isFinite(limit) ? limit : null,
      limitSource: source,
      fromNetwork: facts.fromNetwork ?? null,
      live: facts.sessions.map((one) => ({
        conversation: one.conversationId,
        protocol: one.protocol,
        clientAddress: one.clientAddress,
        frontEnd: one.frontEnd,
        startedAt: new Date(one.startedAtMs).toISOString(),
      })),
    },
    components: facts.componentRequests.map((one) => ({
      component: one.component,
      state: one.state,
      requester: one.requester,
      who: one.who,
      why: one.why ?? null,
      since: new Date(one.sinceMs).toISOString(),
    })),
    throttle: {
      ...throttle,
      isSlowed: isSlowed(throttle, effective.throttle),
      maxDelaySeconds: effective.throttle.maxDelaySeconds,
    },
    protocols: protocols.map(({ protocol, access, verdict }) => ({
      protocol,
      rules: access,
      ...verdict,
    })),
  };
}

function viewLdap(account: LoginFacts['account']): Explanation['source']['ldap'] {
  if (account?.ldap === undefined) return null;
  return { state: account.ldap.state, isFollowed: account.ldap.entryId !== undefined };
}

function viewHome({ facts: { mailbox, home }, checks }: ExplanationParts): Explanation['home'] {
  if (mailbox === undefined || home === undefined) return null;
  const { site, owner } = home;
  return {
    site: home.name,
    epoch: mailbox.epoch,
    foreignLogin: site?.foreign?.login.kind ?? null,
    frontEndsNeed: findNeeds(site?.foreign),
    shard: shardOf(mailbox.id),
    shardTableVersion: site?.foreign === undefined ? (site?.shardTable.version ?? null) : null,
    worker: owner?.workerIndex ?? null,
    serverName: site?.serverName ?? null,
    hosts: {
      imap: hostsOf(home, 'imap'),
      pop3: hostsOf(home, 'pop3'),
      submission: hostsOf(home, 'submission'),
    },
    answers: checks,
  };
}

function findNeeds(foreign: SiteRecord['foreign']): readonly FrontEndNeed[] {
  const secret = foreign?.login.kind === 'master' ? foreign.login.secret : undefined;
  const certificate = foreign?.trust.clientCertificate;
  return [
    ...(secret === undefined ? [] : [{ setting: 'homes.secrets' as const, name: secret }]),
    ...(certificate === undefined
      ? []
      : [{ setting: 'homes.clientCertificates' as const, name: certificate }]),
  ];
}

function hostsOf(
  { site, owner }: NonNullable<LoginFacts['home']>,
  protocol: MailProtocol,
): readonly string[] {
  const door = site?.foreign?.[protocol];
  if (door !== undefined) return door.hosts.map(({ host, port }) => `${host}:${port}`);
  if (owner === undefined) return [];
  const port = doorsOf(owner.address, protocol)?.port;
  return port === undefined ? [] : [`${owner.address.host}:${port}`];
}
