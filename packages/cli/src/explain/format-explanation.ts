/** An explanation for people. */
import { findRefusalWords } from '@homeward/frontend';
import { formatTable } from '../output/format-table.ts';
import type { HomeCheck } from './check-home.ts';
import type { Explanation, FrontEndNeed } from './explanation-view.ts';

type Rows = readonly (readonly string[])[];

export function formatExplanation(explanation: Explanation): string {
  const rows = [
    ...identityRows(explanation),
    ...accountRows(explanation),
    ...guardRows(explanation),
    ...homeRows(explanation),
    ...explanation.components.map(({ component, state, requester, who, why }) => [
      component,
      `${state} by ${requester} (${who})${why === null ? '' : `: ${why}`}`,
    ]),
    ...explanation.protocols.flatMap((one) => verdictRows(one, explanation.throttle)),
  ];
  return `${formatTable(undefined, rows)}\n\nWhat would happen is said for a right secret.`;
}

function identityRows({ login, identity, source, client }: Explanation): Rows {
  const { address, mechanism, tls } = client;
  const ldap = source.ldap === null ? '' : `, LDAP (${source.ldap.state})`;
  return [
    ['login', login],
    ['is read as', describeIdentity(identity)],
    ['client', `${address ?? 'anywhere'}, ${mechanism}, ${tls ? 'TLS' : 'no TLS'}`],
    ['source', `${source.directory} directory${ldap}`],
  ];
}

function describeIdentity(identity: Explanation['identity']): string {
  switch (identity.kind) {
    case 'own':
      return identity.name;
    case 'delegate':
      return `${identity.name} opens the mailbox ${identity.mailbox}`;
    case 'invalid':
      return `no name: ${identity.reason}`;
  }
}

function accountRows({ account, mailbox, secret, sessions }: Explanation): Rows {
  if (account === null) return [['account', 'none']];
  const { count, limit, limitSource, fromNetwork, live } = sessions;
  return [
    ['account', `${account.address} (${account.id})`],
    ['kind', account.kind],
    ['enabled', account.enabled ? 'yes' : 'no'],
    ['protocols', account.protocols.join(', ') || 'none'],
    ['secret', describeSecret(secret)],
    ['sessions now', `${count} of ${limit ?? 'any number'} (limit by ${limitSource})`],
    ...(fromNetwork === null
      ? []
      : [[`from ${fromNetwork.network}`, `${fromNetwork.count} of ${fromNetwork.limit} sessions`]]),
    ...live.map((one) => ['', `${one.conversation} ${one.protocol} ${one.clientAddress}`]),
    ...(mailbox === null
      ? []
      : [['mailbox', `${mailbox.address} (${mailbox.id}), ${describeSwitches(mailbox)}`]]),
  ];
}

function describeSecret(secret: Explanation['secret']): string {
  const { judgedBy, setAt, isPasswordOff, appPasswords } = secret;
  const off = isPasswordOff ? ', not taken' : '';
  const own = setAt === null ? 'no password' : `password set ${setAt}${off}`;
  const main =
    judgedBy === 'directory' ? own : `judged by ${judgedBy === 'ldap' ? 'LDAP' : 'the home'}`;
  const labels = appPasswords.map(({ label, protocols }) => `${label} (${protocols.join(', ')})`);
  return labels.length === 0 ? main : `${main}; app passwords: ${labels.join(', ')}`;
}

function describeSwitches({
  kind,
  enabled,
  protocols,
}: NonNullable<Explanation['mailbox']>): string {
  return `${kind}, ${enabled ? 'enabled' : 'disabled'}, ${protocols.join(', ') || 'no protocol'}`;
}

/** What stands between a client and its password. */
function guardRows({ throttle, protocols }: Explanation): Rows {
  const { accountFailures, addressFailures, knownFailures, knownNetworks, isSlowed } = throttle;
  const counts = [
    `${accountFailures} at the account by strangers`,
    ...(addressFailures === null ? [] : [`${addressFailures} from the address`]),
    ...(knownFailures > 0 ? [`${knownFailures} from its known network`] : []),
  ];
  return [
    ['wrong passwords', `${counts.join(', ')}${isSlowed ? '; logins are slowed down' : ''}`],
    ...(knownNetworks.length === 0 ? [] : [['known networks', knownNetworks.join(', ')]]),
    ...protocols.map(({ protocol, rules }) => [`rules for ${protocol}`, describeRules(rules)]),
  ];
}

function describeRules({ decision, rule }: Explanation['protocols'][number]['rules']): string {
  if (decision === 'needs-address') return 'it depends on the address; give --address';
  if (rule !== null) return `${decision} by rule ${rule}`;
  return decision === 'allow' ? 'none applies' : 'denied by throttle.denyNetworks';
}

function homeRows({ home }: Explanation): Rows {
  if (home === null) return [];
  const { site, epoch, shard, shardTableVersion, worker } = home;
  const { hosts, answers, foreignLogin, frontEndsNeed } = home;
  const table = shardTableVersion === null ? 'no table' : `table ${shardTableVersion}`;
  return [
    ['home', `${site}, epoch ${epoch}`],
    foreignLogin === null
      ? ['shard', `${shard} (${table}), worker ${worker ?? 'none'}`]
      : ['other software', `log in there by ${foreignLogin}`],
    ...frontEndsNeed.map(describeNeed),
    ...Object.entries(hosts).map(([protocol, list]) => [
      `${protocol} at`,
      list.join(', ') || 'nowhere',
    ]),
    ...Object.entries(answers).flatMap(([protocol, answer]) => answerRows(protocol, answer)),
  ];
}

/** What comes of it where a front end has it not. */
const WITHOUT_NEED = {
  'homes.secrets': 'without it a login is refused, site-secret-missing',
  'homes.clientCertificates': 'hosts are not asked here, since this command has it not',
} as const satisfies Record<FrontEndNeed['setting'], string>;

function describeNeed({ setting, name }: FrontEndNeed): readonly string[] {
  return ['front ends need', `${name} in ${setting} of their files; ${WITHOUT_NEED[setting]}`];
}

function answerRows(protocol: string, answer: HomeCheck): Rows {
  const head = `home by ${protocol}`;
  const { hosts } = answer;
  if (hosts === undefined) return [[head, describeAnswer(answer)]];
  return hosts.map((host) => [head, `${host.host} ${describeAnswer(host)}`]);
}

function describeAnswer(answer: HomeCheck): string {
  return answer.ok
    ? `answers, ${answer.durationMs.toFixed(1)} ms`
    : `${answer.reason} (${answer.detail})`;
}

function verdictRows(
  verdict: Explanation['protocols'][number],
  { isSlowed, maxDelaySeconds }: Explanation['throttle'],
): Rows {
  const { protocol } = verdict;
  if (verdict.ok) {
    const outcome = `gets in${verdict.access === 'read' ? ', to read alone' : ''}`;
    if (!isSlowed) return [[protocol, outcome]];
    const turn = `held for ${maxDelaySeconds} s at most, else refused, throttled`;
    return [
      [protocol, `${outcome}, when it is its turn`],
      ['', turn],
    ];
  }
  const { reason, why, answer } = verdict;
  const rows = [[protocol, `refused, ${reason}: ${why}`]];
  // What people read out on the telephone.
  if (answer !== null) rows.push(['', `client hears: ${findRefusalWords(protocol, answer)}`]);
  return rows;
}
