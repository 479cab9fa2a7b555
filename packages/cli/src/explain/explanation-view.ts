/** What `homeward explain --json` prints; a contract with scripts. */
import { shardOf } from '@homeward/directory';
import { type AccountView, viewAccount } from '../accounts/account-view.ts';
import type { HomeCheck } from './check-home.ts';
import type { MailProtocol, Verdict } from './judge-login.ts';
import type { LoginFacts } from './login-facts.ts';

export interface Explanation {
  readonly login: string;
  readonly source: { readonly directory: 'redis' | 'embedded' };
  /** How the name was read: `own`, `delegate` or `invalid`. */
  readonly identity: LoginFacts['identities'];
  /** Who would log in; null: nobody has the name. */
  readonly account: AccountView | null;
  readonly passwordSetAt: string | null;
  /** Whose mailbox would be opened, where it is another's. */
  readonly mailbox: AccountView | null;
  readonly home: {
    readonly site: string;
    readonly epoch: number;
    readonly shard: number;
    readonly shardTableVersion: number | null;
    readonly worker: number | null;
    readonly serverName: string | null;
    readonly host: string | null;
    readonly ports: Readonly<Record<MailProtocol, number>> | null;
    /** By protocol, where it was asked: whether the worker answers now. */
    readonly answers: Partial<Record<MailProtocol, HomeCheck>>;
  } | null;
  readonly sessions: {
    readonly count: number;
    readonly limit: number;
    /** Whose word that is: the account's record, a live setting, or (unless a file says more) the default. */
    readonly limitSource: 'account' | 'setting' | 'default';
  };
  /** What would come of a login whose secret is right. */
  readonly protocols: readonly ({ readonly protocol: MailProtocol } & Verdict)[];
}

export interface ExplanationParts {
  readonly login: string;
  readonly driver: 'redis' | 'embedded';
  readonly facts: LoginFacts;
  readonly sessionLimit: {
    readonly value: number;
    readonly source: Explanation['sessions']['limitSource'];
  };
  readonly checks: Partial<Record<MailProtocol, HomeCheck>>;
  readonly verdicts: readonly (readonly [MailProtocol, Verdict])[];
}

export function viewExplanation(parts: ExplanationParts): Explanation {
  const { login, driver, facts, sessionLimit, verdicts } = parts;
  const { identities, account, secretSetAtMs, mailbox } = facts;
  return {
    login,
    source: { directory: driver },
    identity: identities,
    account: account === undefined ? null : viewAccount(account),
    passwordSetAt: secretSetAtMs === undefined ? null : new Date(secretSetAtMs).toISOString(),
    mailbox: mailbox === undefined || mailbox.id === account?.id ? null : viewAccount(mailbox),
    home: viewHome(parts),
    sessions: {
      count: facts.sessionCount,
      limit: sessionLimit.value,
      limitSource: sessionLimit.source,
    },
    protocols: verdicts.map(([protocol, verdict]) => ({ protocol, ...verdict })),
  };
}

function viewHome({ facts: { mailbox, home }, checks }: ExplanationParts): Explanation['home'] {
  if (mailbox === undefined || home === undefined) return null;
  const address = home.owner?.address;
  return {
    site: home.name,
    epoch: mailbox.epoch,
    shard: shardOf(mailbox.id),
    shardTableVersion: home.site?.shardTable.version ?? null,
    worker: home.owner?.workerIndex ?? null,
    serverName: home.site?.serverName ?? null,
    host: address?.host ?? null,
    ports: address === undefined ? null : { imap: address.imapsPort, pop3: address.pop3sPort },
    answers: checks,
  };
}
