/** Sites whose host is, by a longer way, the front end that goes there. */
import type { ForeignSite, SiteName } from '@homeward/directory';
import type { RawClient } from '@homeward/testkit';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { MailProtocol } from '../login/ports.ts';
import {
  createWorldCertificates,
  openFrontEndWorld,
  type FrontEndWorld,
  type WorldCertificates,
} from '../testing/front-end-world.ts';

const PLAIN = Buffer.from('\0bob@example.net\0secret').toString('base64');

let certificates: WorldCertificates;
let stack: AsyncDisposableStack;
/** Each is the other's site: neither is its own port. */
let worlds: readonly [FrontEndWorld, FrontEndWorld];
beforeAll(async () => {
  certificates = await createWorldCertificates();
});
beforeEach(async () => {
  stack = new AsyncDisposableStack();
  worlds = [
    stack.use(await openFrontEndWorld({ certificates })),
    stack.use(await openFrontEndWorld({ certificates })),
  ];
});
afterEach(() => stack.disposeAsync());

async function makeRing(clientIdentity: ForeignSite['clientIdentity']): Promise<void> {
  for (const [index, world] of worlds.entries()) {
    const { ports } = worlds[1 - index] ?? world;
    const door = (port: number) =>
      ({ hosts: [{ host: '127.0.0.1', port }], tls: 'starttls' }) as const;
    await world.directory.putSite({
      name: 'old' as SiteName,
      serverName: 'localhost',
      workers: [],
      shardTable: { version: 1, workerOfShard: [] },
      foreign: {
        imap: door(ports.imap),
        pop3: door(ports.pop3),
        submission: door(ports.submission),
        trust: { ca: certificates.public.ca },
        login: { kind: 'pass-through' },
        loginName: '{address}',
        clientIdentity,
      },
      version: 1,
    });
    await world.accounts.add({ address: 'bob@example.net', site: 'old', password: undefined });
  }
}

interface Dialogue {
  /** As a client that would be passed on for ever. */
  readonly claim: string;
  readonly claimed: RegExp;
  readonly login: string;
  readonly refused: RegExp;
}

const DIALOGUES: Readonly<Record<MailProtocol, Dialogue>> = {
  imap: {
    claim: 'a ID ("x-proxy-ttl" "999")',
    claimed: /^a OK/,
    login: `b AUTHENTICATE PLAIN ${PLAIN}`,
    refused: /^b NO \[UNAVAILABLE\]/,
  },
  pop3: {
    claim: 'XCLIENT TTL=999',
    claimed: /^\+OK/,
    login: `AUTH PLAIN ${PLAIN}`,
    refused: /^-ERR \[SYS\/TEMP\]/,
  },
  submission: {
    claim: 'XCLIENT TTL=999',
    claimed: /^220 /,
    login: `EHLO phone.example\r\nAUTH PLAIN ${PLAIN}`,
    refused: /^454 4\.7\.0/,
  },
};

async function readUntil(client: RawClient, wanted: RegExp): Promise<string> {
  for (;;) {
    const line = await client.readLine();
    if (wanted.test(line)) return line;
    // What else is said: greeting, untagged responses, EHLO's lines.
    expect(line).toMatch(/^(\* |\+OK |220 |250)/);
  }
}

it.each([
  ['imap', 'protocol'],
  ['pop3', 'protocol'],
  ['submission', 'protocol'],
  ['imap', 'none'],
  ['pop3', 'none'],
  ['submission', 'none'],
] as const)('a login by %s that goes round comes to its end (%s)', async (protocol, identity) => {
  await makeRing(identity);
  const { claim, claimed, login, refused } = DIALOGUES[protocol];
  await using client = await worlds[0].connect(`${protocol}s`);
  await client.readLine();
  await client.sendLine(claim);
  await readUntil(client, claimed);
  await client.sendLine(login);
  await readUntil(client, refused);
  const reasons = worlds.flatMap(({ log }) =>
    log.events
      .filter(({ event }) => event.startsWith('login.'))
      .map(({ fields }) => fields['reason']),
  );
  expect(reasons.filter((reason) => reason === 'site-loop')).toHaveLength(1);
  expect(reasons).toHaveLength(6);
});
