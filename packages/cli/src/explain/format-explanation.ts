/** An explanation for people. */
import { formatTable } from '../output/format-table.ts';
import type { Explanation } from './explanation-view.ts';

export function formatExplanation(explanation: Explanation): string {
  const rows = [
    ...identityRows(explanation),
    ...accountRows(explanation),
    ...homeRows(explanation),
    ...explanation.protocols.map((one) => [one.protocol, formatVerdict(one)]),
  ];
  return `${formatTable(undefined, rows)}\n\nWhat would happen is said for a right password.`;
}

function identityRows({ login, identity, source }: Explanation): readonly string[][] {
  const read =
    identity.kind === 'delegate'
      ? `${identity.name} opens the mailbox ${identity.mailbox}`
      : identity.kind === 'own'
        ? identity.name
        : `no name: ${identity.reason}`;
  return [
    ['login', login],
    ['is read as', read],
    ['source', `${source.directory} directory`],
  ];
}

function accountRows({
  account,
  mailbox,
  passwordSetAt,
  sessions,
}: Explanation): readonly string[][] {
  if (account === null) return [['account', 'none']];
  const { count, limit, limitSource } = sessions;
  return [
    ['account', `${account.address} (${account.id})`],
    ['kind', account.kind],
    ['enabled', account.enabled ? 'yes' : 'no'],
    ['protocols', account.protocols.join(', ') || 'none'],
    ['password', passwordSetAt === null ? 'none' : `set ${passwordSetAt}`],
    ['sessions now', `${count} of ${limit} (limit by ${limitSource})`],
    ...(mailbox === null
      ? []
      : [['mailbox', `${mailbox.address} (${mailbox.id}), ${describeSwitches(mailbox)}`]]),
  ];
}

function describeSwitches({
  kind,
  enabled,
  protocols,
}: NonNullable<Explanation['mailbox']>): string {
  return `${kind}, ${enabled ? 'enabled' : 'disabled'}, ${protocols.join(', ') || 'no protocol'}`;
}

function homeRows({ home }: Explanation): readonly string[][] {
  if (home === null) return [];
  const { site, epoch, shard, shardTableVersion, worker, host, ports, answers } = home;
  const table = shardTableVersion === null ? 'no table' : `table ${shardTableVersion}`;
  return [
    ['home', `${site}, epoch ${epoch}`],
    ['shard', `${shard} (${table}), worker ${worker ?? 'none'}`],
    ['worker at', host === null ? 'unknown' : `${host}, IMAP ${ports?.imap}, POP3 ${ports?.pop3}`],
    ...Object.entries(answers).map(([protocol, answer]) => [
      `home by ${protocol}`,
      answer.ok
        ? `answers, ${answer.durationMs.toFixed(1)} ms`
        : `${answer.reason} (${answer.detail})`,
    ]),
  ];
}

function formatVerdict(verdict: Explanation['protocols'][number]): string {
  if (verdict.ok) return verdict.access === 'read' ? 'gets in, to read alone' : 'gets in';
  const answer = verdict.answer === null ? '' : `; the client hears: ${verdict.answer}`;
  return `refused, ${verdict.reason}: ${verdict.why}${answer}`;
}
