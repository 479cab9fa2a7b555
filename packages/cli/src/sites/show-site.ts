/** `homeward site show`. */
import { X509Certificate } from 'node:crypto';
import type { ForeignLogin, SiteRecord } from '@homeward/directory';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { formatTable } from '../output/format-table.ts';
import { openDeployment } from '../wiring.ts';
import { getSite } from './get-site.ts';
import { viewSite, type SiteView } from './site-view.ts';

/** @throws OperatorError if there is no such site. */
export async function showSite(
  context: CommandContext,
  typedName: string,
  options: OperatorOptions,
): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  const site = await getSite(deployment.driver, typedName);
  const view = viewSite(site);
  printResult(context, options, view, () => formatTable(undefined, rowsOf(site, view)));
}

function rowsOf(site: SiteRecord, view: SiteView): readonly (readonly string[])[] {
  const { foreign } = site;
  const name = ['site', site.name];
  if (foreign === undefined) {
    return [
      name,
      ['software', 'Homeward'],
      ['certificate for', site.serverName],
      ...view.workers.flatMap((worker, index) => [
        [`worker ${index}`, `${worker.host}, ${worker.shardCount} of 256 shards`],
        [
          '- for front ends',
          formatPorts({
            imaps: worker.imapsPort,
            pop3s: worker.pop3sPort,
            submissions: worker.submissionsPort,
          }),
        ],
        ['- others', formatPorts({ lmtps: worker.lmtpsPort, control: worker.controlPort })],
      ]),
    ];
  }
  const { imap, pop3, submission, trust } = foreign;
  return [
    name,
    ['software', 'other'],
    ['imap', formatDoor(imap)],
    ['pop3', formatDoor(pop3)],
    ['submission', formatDoor(submission)],
    ['certificate for', site.serverName === '' ? 'each host’s own name' : site.serverName],
    ['authority', formatAuthority(trust.ca, trust.pins)],
    ...(trust.pins ?? []).map((pin) => ['pin', pin]),
    ...(trust.clientCertificate === undefined
      ? []
      : [['client certificate', trust.clientCertificate]]),
    ['login', formatLogin(foreign.login)],
    ['login name', foreign.loginName],
    ['client is told by', foreign.clientIdentity],
  ];
}

function formatPorts(ports: Readonly<Record<string, number | null>>): string {
  const open = Object.entries(ports).filter(([, port]) => port !== null);
  return open.map(([name, port]) => `${name} ${port}`).join(', ') || 'none';
}

function formatDoor(door: NonNullable<SiteRecord['foreign']>['imap']): string {
  if (door === undefined) return 'not served';
  const hosts = door.hosts.map(({ host, port }) => `${host}:${port}`).join(', ');
  return `${hosts} (TLS: ${door.tls})`;
}

function formatAuthority(ca: string | undefined, pins: readonly string[] | undefined): string {
  if (ca === undefined) return pins === undefined ? 'the public ones' : 'none, the pin alone';
  try {
    return new X509Certificate(ca).subject.replaceAll('\n', ', ');
  } catch {
    return 'a certificate that cannot be read';
  }
}

function formatLogin(login: ForeignLogin): string {
  if (login.kind !== 'master') return login.kind;
  const { user, form, separator = '*', secret } = login;
  const how = form === 'joined' ? `NAME${separator}${user}` : `PLAIN, authzid NAME, ${user}`;
  return `master user ${how}; password: homes.secrets.${secret}`;
}
