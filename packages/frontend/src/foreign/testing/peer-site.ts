/** A real server of other software as the site `old`, and its account bob@example.net. */
import { readFile } from 'node:fs/promises';
import type { ForeignSite, SiteName } from '@homeward/directory';
import type { RawClient } from '@homeward/testkit';
import type { FrontEndWorld } from '../../testing/front-end-world.ts';

/** Where a server answers; its certificate is for localhost. */
export interface PeerHome {
  readonly host: string;
  readonly imapPort: number;
  readonly imapsPort: number;
  readonly pop3Port: number;
  readonly pop3sPort: number;
  readonly caFile: string;
  /** Of bob. */
  readonly password: string;
}

export type PeerDoor = 'implicit' | 'starttls' | 'none';

/** The server as a site, where bob has no password of ours. */
export async function putPeerSite(
  world: FrontEndWorld,
  home: PeerHome,
  door: PeerDoor,
  changes: Partial<ForeignSite> = {},
): Promise<void> {
  const { host } = home;
  const isImplicit = door === 'implicit';
  await world.directory.putSite({
    name: 'old' as SiteName,
    serverName: 'localhost',
    workers: [],
    shardTable: { version: 1, workerOfShard: [] },
    foreign: {
      imap: { hosts: [{ host, port: isImplicit ? home.imapsPort : home.imapPort }], tls: door },
      pop3: { hosts: [{ host, port: isImplicit ? home.pop3sPort : home.pop3Port }], tls: door },
      trust: { ca: await readFile(home.caFile, 'utf8') },
      login: { kind: 'pass-through' },
      loginName: '{local}',
      clientIdentity: 'protocol',
      ...changes,
    },
    version: 1,
  });
  await world.accounts.add({ address: 'bob@example.net', site: 'old', password: undefined });
}

export interface PeerLogin {
  readonly client: RawClient;
  readonly answer: string;
}

/** By LOGIN. The caller closes the client. */
export async function logIn(world: FrontEndWorld, password: string): Promise<PeerLogin> {
  const client = await world.connect('imaps');
  await client.readLine();
  const quoted = password.replaceAll(/["\\]/g, '\\$&');
  await client.sendLine(`a LOGIN bob@example.net "${quoted}"`);
  return { client, answer: await client.readLine() };
}

/** By USER and PASS. The caller closes the client. */
export async function popIn(world: FrontEndWorld, password: string): Promise<PeerLogin> {
  const client = await world.connect('pop3s');
  await client.readLine();
  await client.sendLine('USER bob@example.net');
  await client.readLine();
  await client.sendLine(`PASS ${password}`);
  return { client, answer: await client.readLine() };
}

/** Why the last login did not succeed. */
export function lastReason(world: FrontEndWorld): unknown {
  return world.log.events.findLast(({ event }) => event.startsWith('login.'))?.fields['reason'];
}
