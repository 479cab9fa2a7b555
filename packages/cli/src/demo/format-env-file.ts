/**
 * The demo's env file: a contract with outside scripts, to the letter. dotenv, and fit for a
 * shell's `source` as well.
 */
import type { SitePlan, WorkerPorts } from '../init/deployment-plan.ts';
import type { DemoAccount } from './demo-accounts.ts';
import { DEMO_HOST, type DemoPorts } from './demo-ports.ts';

/** Everything that the demo tells. */
export interface DemoFacts {
  readonly serverName: string;
  /** Absolute. */
  readonly caFile: string;
  readonly configFile: string;
  readonly ports: DemoPorts;
  /** Files of the messages that went to the outside. */
  readonly sinkFolder: string;
  readonly sites: readonly SitePlan[];
  readonly directLogin: boolean;
  readonly accounts: readonly PlacedAccount[];
}

/** An account and the worker that owns its mailbox. */
export interface PlacedAccount extends DemoAccount {
  readonly worker: WorkerPorts;
}

/** One `NAME=value` line for each. */
export function formatEnvFile(facts: DemoFacts): string {
  const { ports } = facts;
  const lines: (readonly [string, string | number])[] = [
    ['HOST', DEMO_HOST],
    ['SERVER_NAME', facts.serverName],
    ['CA_FILE', facts.caFile],
    ['IMAP_PORT', ports.frontEnd.imap],
    ['IMAPS_PORT', ports.frontEnd.imaps],
    ['POP3_PORT', ports.frontEnd.pop3],
    ['POP3S_PORT', ports.frontEnd.pop3s],
    ['SUBMISSION_PORT', ports.frontEnd.submission],
    ['SUBMISSIONS_PORT', ports.frontEnd.submissions],
    ['LMTP_PORT', ports.lmtp],
    ['SINK_PORT', ports.sink],
    ['SINK_FOLDER', facts.sinkFolder],
    ['OPS_URL', `http://${DEMO_HOST}:${ports.ops}`],
    ...facts.accounts.flatMap(accountLines),
    ...facts.sites.flatMap(siteLines),
    ['HOMEWARD_CONFIG', facts.configFile],
  ];
  return lines.map(([name, value]) => `${name}=${quote(String(value))}\n`).join('');
}

function accountLines(account: PlacedAccount): readonly (readonly [string, string | number])[] {
  const { role, address, password, site, worker } = account;
  if (!role.startsWith('USER')) {
    return [
      [`${role}_USER`, address],
      [`${role}_PASS`, password],
    ];
  }
  return [
    [role, address],
    [role.replace('USER', 'PASS'), password],
    [`${role}_SITE`, site],
    ...portLines(`${role}_BACKEND`, worker),
  ];
}

function siteLines({ name, workers }: SitePlan): readonly (readonly [string, number])[] {
  const prefix = `BACKEND_${name.toUpperCase().replaceAll('-', '_')}`;
  const lines = workers.flatMap((ports, index) => portLines(`${prefix}_WORKER${index}`, ports));
  const [first] = workers;
  return first === undefined ? lines : [...portLines(prefix, first), ...lines];
}

function portLines(prefix: string, ports: WorkerPorts): readonly (readonly [string, number])[] {
  return [
    [`${prefix}_IMAPS_PORT`, ports.imaps],
    [`${prefix}_POP3S_PORT`, ports.pop3s],
    ...(ports.imap === undefined ? [] : [[`${prefix}_IMAP_PORT`, ports.imap] as const]),
    ...(ports.pop3 === undefined ? [] : [[`${prefix}_POP3_PORT`, ports.pop3] as const]),
    ...(ports.submissions === undefined
      ? []
      : [[`${prefix}_SUBMISSIONS_PORT`, ports.submissions] as const]),
    ...(ports.submission === undefined
      ? []
      : [[`${prefix}_SUBMISSION_PORT`, ports.submission] as const]),
    ...(ports.lmtps === undefined ? [] : [[`${prefix}_LMTPS_PORT`, ports.lmtps] as const]),
  ];
}

/** Single quotes mean the same to dotenv and to a shell. */
function quote(value: string): string {
  return /^[\w.:/@+-]*$/.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`;
}
