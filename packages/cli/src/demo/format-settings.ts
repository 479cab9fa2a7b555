/** What the demo prints when it is there: everything to set up a mail program with. */
import { formatTable } from '../output/format-table.ts';
import { DEMO_HOST } from './demo-ports.ts';
import type { DemoFacts, PlacedAccount } from './format-env-file.ts';

const SHOWN_ACCOUNTS = 20;

/** @param envFile Where the same stands for scripts. */
export function formatSettings(facts: DemoFacts, envFile: string): string {
  return [
    formatServer(facts),
    formatAccounts(facts.accounts),
    formatSites(facts),
    formatHints(facts, envFile),
  ].join('\n\n');
}

function formatServer({ serverName, ports, caFile, sinkFolder }: DemoFacts): string {
  const { imap, imaps, pop3, pop3s, submission, submissions } = ports.frontEnd;
  return [
    `Mail server  ${DEMO_HOST}, or localhost  (certificate for ${serverName}, localhost, 127.0.0.1)`,
    `Authority    ${caFile}`,
    `Outside      ${sinkFolder} gets all mail to other domains: none leaves this host`,
    '',
    formatTable(
      ['protocol', 'port', 'security'],
      [
        ['IMAP', String(imaps), 'TLS'],
        ['IMAP', String(imap), 'STARTTLS'],
        ['POP3', String(pop3s), 'TLS'],
        ['POP3', String(pop3), 'STLS'],
        ['SMTP', String(submissions), 'TLS'],
        ['SMTP', String(submission), 'STARTTLS'],
        ['LMTP', String(ports.lmtp), 'none, for MTAs of this host'],
      ],
    ),
  ].join('\n');
}

function formatAccounts(accounts: readonly PlacedAccount[]): string {
  const people = accounts.filter(({ role }) => role.startsWith('USER'));
  const others = accounts.filter((account) => !people.includes(account));
  const rows = [...people.slice(0, SHOWN_ACCOUNTS), ...others].map((account) => [
    account.address,
    account.password,
    account.site,
    noteOf(account),
  ]);
  const table = formatTable(['user', 'password', 'lives at', 'who'], rows);
  const hidden = people.length - SHOWN_ACCOUNTS;
  return hidden > 0 ? `${table}\n… and ${hidden} more people in the env file` : table;
}

function noteOf({ role, displayName }: PlacedAccount): string {
  const isBlocked = role === 'ADMINISTRATOR' || role === 'GUEST' || role === 'ANONYMOUS';
  return isBlocked ? `${displayName}: never gets in, though the password is right` : displayName;
}

function formatSites({ sites, directLogin }: DemoFacts): string {
  const rows = sites.flatMap(({ name, workers }) =>
    workers.map((ports, index) => [
      name,
      String(index),
      String(ports.imaps),
      String(ports.pop3s),
      String(ports.submissions ?? ''),
      String(ports.lmtps ?? ''),
      ...(directLogin ? [ports.imap, ports.pop3, ports.submission].map((port) => `${port}`) : []),
    ]),
  );
  const plain = directLogin ? ['imap', 'pop3', 'submission'] : [];
  const head = ['site', 'worker', 'imaps', 'pop3s', 'submissions', 'lmtps', ...plain];
  const who = directLogin ? 'people may log in here, too' : 'for the front end alone';
  return `${formatTable(head, rows)}\n(${who})`;
}

function formatHints(
  { serverName, ports, caFile, configFile, accounts }: DemoFacts,
  envFile: string,
): string {
  const [first, second] = accounts;
  const user = first?.address ?? '';
  const { imaps, imap, submissions } = ports.frontEnd;
  const at = `${DEMO_HOST}:${imaps}`;
  return `Read the newest message with curl:
  curl --cacert ${caFile} --resolve ${serverName}:${imaps}:${DEMO_HOST} \\
    --user ${user}:${first?.password ?? ''} 'imaps://${serverName}:${imaps}/INBOX;MAILINDEX=*'
Write to somebody at another site, and to somebody outside:
  printf 'From: ${user}\\r\\nSubject: Hello\\r\\n\\r\\nHello!\\r\\n' | curl --cacert ${caFile} \\
    --resolve ${serverName}:${submissions}:${DEMO_HOST} 'smtps://${serverName}:${submissions}' \\
    --user ${user}:${first?.password ?? ''} --upload-file - \\
    --mail-from ${user} --mail-rcpt ${second?.address ?? user} --mail-rcpt friend@example.org
Talk to it yourself:
  openssl s_client -crlf -quiet -CAfile ${caFile} -connect ${at}
  openssl s_client -crlf -quiet -CAfile ${caFile} -starttls imap -connect ${DEMO_HOST}:${imap}
Run the operator's commands on it:
  homeward account list --config ${configFile}
For scripts, all of this:
  ${envFile}`;
}
