import { expect, it } from 'vitest';
import type { InnerTarget, MailProtocol } from '../login/ports.ts';
import { siteRecord } from '../testing/scripted-ports.ts';
import { createControlFinder } from './find-control.ts';

const HOST = '192.0.2.1';
const WORKERS = [
  { host: HOST, imapsPort: 1, pop3sPort: 2, submissionsPort: 3, controlPort: 4 },
  // The same host, so that ports alone tell them apart.
  { host: HOST, imapsPort: 11, pop3sPort: 12, submissionsPort: 13, controlPort: 14 },
  { host: HOST, imapsPort: 21, pop3sPort: 22, controlPort: 24 },
];

function find(protocol: MailProtocol, port: number): Promise<number | undefined> {
  const site = siteRecord({ workers: WORKERS });
  const finder = createControlFinder({ getSite: async () => ({ kind: 'found', site }) });
  const target: InnerTarget = {
    ...{ protocol, site: site.name, serverName: site.serverName, host: HOST, port },
  };
  return finder(target).then((place) => place?.port);
}

it.each<[MailProtocol, number, number | undefined]>([
  ['imap', 1, 4],
  ['imap', 11, 14],
  ['pop3', 12, 14],
  ['submission', 3, 4],
  ['submission', 13, 14],
  // Of another protocol, or of a worker that has none.
  ['submission', 1, undefined],
  ['imap', 3, undefined],
  ['submission', 23, undefined],
])('createControlFinder() finds for %s at port %i the control port %s', async (...row) => {
  const [protocol, port, control] = row;
  expect(await find(protocol, port)).toBe(control);
});
