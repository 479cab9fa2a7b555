/**
 * What would come of a login now if its secret were right: a front end's steps in their order, by
 * the same functions, on facts that were read. Pure.
 */
import { admitLogin, type Admission } from '@homeward/directory';
import { doorsOf, type MailProtocol } from '@homeward/frontend';
import { type Fault, treatFault } from '@homeward/service';
import type { AccessAnswer } from './access-facts.ts';
import type { HomeCheck } from './check-home.ts';
import type { LoginFacts } from './login-facts.ts';

/** What else is known, by protocol. */
export interface Circumstances {
  /** Sessions that the account may have, this one included; Infinity: its network is exempt. */
  readonly sessionLimit: number;
  /** Whether front ends offer the way to log in, as far as the directory says. */
  readonly isMechanismOffered: boolean;
  readonly access: AccessAnswer;
  /** Whether front ends offer the protocol, as far as the directory says. */
  readonly isProtocolOn: boolean;
  /** What the home said just now; undefined if it was not asked. */
  readonly homeCheck: HomeCheck | undefined;
}

/** The first step that would refuse, or that none would. */
export type Verdict =
  | { readonly ok: true; readonly access: 'full' | 'read' }
  | {
      readonly ok: false;
      /** As the log would have it. */
      readonly reason: Fault | 'protocol-off' | 'mechanism-not-offered';
      /** A sentence for the operator. */
      readonly why: string;
      /** How the client would be answered; null: it would not get that far. */
      readonly answer: ReturnType<typeof treatFault>['refusal'] | null;
    };

const POLICY_FAULTS = {
  'blocked-kind': 'blocked-kind',
  'account-disabled': 'account-disabled',
  'protocol-disabled': 'protocol-not-enabled',
  'act-as-not-allowed': 'act-as-not-allowed',
  'directory-away': 'directory-unavailable',
} as const satisfies Record<Extract<Admission, { ok: false }>['reason'], Fault>;

/** By what a greeting came to. */
const HOME_FAULTS: Readonly<Record<string, Fault | undefined>> = {
  'tls-failed': 'site-tls-failed',
  'broke-off': 'site-broke-off',
  'broke-protocol': 'site-broke-protocol',
};

/** Judges one protocol. */
export function judgeLogin(
  facts: LoginFacts,
  protocol: MailProtocol,
  circumstances: Circumstances,
): Verdict {
  if (!circumstances.isProtocolOn) {
    return {
      ok: false,
      reason: 'protocol-off',
      why: `${protocol}.enabled is false: clients are told goodbye`,
      answer: null,
    };
  }
  if (!circumstances.isMechanismOffered) {
    return {
      ok: false,
      reason: 'mechanism-not-offered',
      why: `${protocol}.mechanisms does not have it`,
      answer: null,
    };
  }
  return (
    judgeAccess(circumstances.access) ??
    judgePerson(facts, protocol) ??
    judgeHome(facts, protocol, circumstances) ??
    allowed(facts, protocol)
  );
}

/** Client access rules, and networks that are denied. */
function judgeAccess(access: AccessAnswer): Verdict | undefined {
  if (access.decision !== 'deny') return undefined;
  const why =
    access.rule === null ? 'throttle.denyNetworks has the address' : `rule ${access.rule}`;
  return refuse(access.isToldPlainly ? 'access-denied' : 'access-rule', why);
}

/** Who it is, and whether he may. */
function judgePerson(facts: LoginFacts, protocol: MailProtocol): Verdict | undefined {
  const { identities, account, secretSetAtMs } = facts;
  if (identities.kind === 'invalid') {
    return refuse('unknown-user', `the name cannot be one: ${identities.reason}`);
  }
  if (account === undefined) return refuse('unknown-user', `nobody is called ${identities.name}`);
  const hasAppPassword = facts.appPasswords.some(({ protocols }) => protocols.includes(protocol));
  const isElsewhere = judgeOfSecret(facts) !== 'directory';
  const isOff = account.isPasswordLoginOff === true;
  if ((secretSetAtMs === undefined || isOff) && !hasAppPassword && !isElsewhere) {
    return refuse('no-secret', isOff ? 'app passwords only, and none' : 'no password is set');
  }
  const admission = admit(facts, protocol);
  if (admission.ok) return undefined;
  return refuse(POLICY_FAULTS[admission.reason], explainPolicy(facts, admission, protocol));
}

/** Who says whether a password is right. */
export function judgeOfSecret({ account, home }: LoginFacts): 'directory' | 'ldap' | 'home' {
  if (home?.site?.foreign?.login.kind === 'pass-through') return 'home';
  return account?.ldap === undefined ? 'directory' : 'ldap';
}

/** Nobody else knows a password of the account: without the home none is right. */
function isJudgedThere(facts: LoginFacts): boolean {
  const { account, secretSetAtMs } = facts;
  const hasOwn = secretSetAtMs !== undefined || account?.ldap !== undefined;
  return judgeOfSecret(facts) === 'home' && !hasOwn && account?.isPasswordLoginOff !== true;
}

function judgeHome(
  facts: LoginFacts,
  protocol: MailProtocol,
  { sessionLimit, homeCheck }: Circumstances,
): Verdict | undefined {
  const { account, home, sessionCount, fromNetwork, componentRequests } = facts;
  if (sessionCount >= sessionLimit) {
    const who = account?.address ?? 'the account';
    return refuse('too-many-sessions', `${who} has ${sessionCount} of ${sessionLimit} sessions`);
  }
  if (fromNetwork !== undefined && fromNetwork.count >= fromNetwork.limit) {
    const { network, count, limit } = fromNetwork;
    return refuse('too-many-connections', `${network} has ${count} of ${limit} sessions`);
  }
  if (home?.site === undefined) {
    return refuse('site-unknown', `the directory has no site ${home?.name ?? ''}`);
  }
  const { foreign } = home.site;
  if (foreign !== undefined && foreign[protocol] === undefined) {
    return isJudgedThere(facts)
      ? refuse('no-secret', `${home.name} judges the password, and does not serve ${protocol}`)
      : refuse('protocol-not-enabled', `${home.name} does not serve ${protocol}`);
  }
  if (foreign === undefined && home.owner === undefined) {
    return refuse('shard-unassigned', `${home.name} has no worker for the account’s shard`);
  }
  if (home.owner !== undefined && doorsOf(home.owner.address, protocol) === undefined) {
    const why = `${home.name}’s record has no port for ${protocol} at worker ${home.owner.workerIndex}`;
    return refuse('site-without-protocol', why);
  }
  const atRest = componentRequests.find(({ component }) => !component.startsWith('frontend:'));
  if (atRest !== undefined) {
    const { component, state, requester } = atRest;
    return refuse('in-maintenance', `${component} is ${state} by ${requester}`);
  }
  if (homeCheck === undefined || homeCheck.ok) return undefined;
  const reason = HOME_FAULTS[homeCheck.reason] ?? 'site-unreachable';
  return refuse(reason, `${home.name}: ${homeCheck.reason} (${homeCheck.detail})`);
}

function allowed(facts: LoginFacts, protocol: MailProtocol): Verdict {
  const admission = admit(facts, protocol);
  return { ok: true, access: admission.ok && admission.access === 'read' ? 'read' : 'full' };
}

function admit({ identities, account, mailbox }: LoginFacts, protocol: MailProtocol): Admission {
  // Asked only where the account is known.
  if (account === undefined) return { ok: false, reason: 'blocked-kind' };
  if (identities.kind !== 'delegate') return admitLogin(account, undefined, protocol);
  const record = mailbox && { account: mailbox, credentials: undefined };
  return admitLogin(account, record ? { kind: 'found', record } : { kind: 'unknown' }, protocol);
}

function explainPolicy(
  { account, identities }: LoginFacts,
  admission: Extract<Admission, { ok: false }>,
  protocol: MailProtocol,
): string {
  const who = account?.address ?? '';
  switch (admission.reason) {
    case 'blocked-kind':
      return `${who} is of the kind ${account?.kind ?? ''}, which never gets in`;
    case 'account-disabled':
      return account?.isEnabled === true && account.ldap !== undefined
        ? `${who} is ${account.ldap.state} in LDAP`
        : `${who} is switched off`;
    case 'protocol-disabled':
      return `${who} may not use ${protocol}`;
    case 'act-as-not-allowed': {
      const mailbox = identities.kind === 'delegate' ? identities.mailbox : '';
      return `${who} may not open ${mailbox}: ${admission.detail}`;
    }
    case 'directory-away':
      return 'the directory is away';
  }
}

function refuse(reason: Fault, why: string): Verdict {
  return { ok: false, reason, why, answer: treatFault(reason).refusal };
}
