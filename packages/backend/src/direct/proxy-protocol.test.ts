/** People behind a load balancer in front of a home itself: who is it that logs in? */
import { createPasswordService, type CredentialSet } from '@homeward/directory';
import { formatProxyHeader, type ProxyHeader } from '@homeward/net';
import type { ProxyProtocolConfig } from '@homeward/service';
import { connectRaw, type RawClient } from '@homeward/testkit';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { backEndConfigSchema, type WorkerConfig } from '../config.ts';
import { askPop3 } from '../testing/pop3-client.ts';
import { openTestSite, type TestSite } from '../testing/test-site.ts';

const PASSWORD = 'correct horse';
const CLIENT = { address: '203.0.113.9', port: 40_001 };
const LOOPBACK = ['127.0.0.0/8', '::1'];
const ELSEWHERE = ['192.0.2.0/24'];

let credentials: CredentialSet;
const open = new AsyncDisposableStack();
/** By mode and trusted networks: the same for all tests that want it. */
let behind: TestSite;
let beside: TestSite;
let apart: TestSite;
beforeAll(async () => {
  const argon2 = { memoryKib: 1_024, passCount: 1, parallelism: 1 };
  const passwords = createPasswordService({ argon2, scramIterationCount: 4_096 });
  const made = await passwords.createCredentialSet(PASSWORD);
  await passwords.close();
  if (!made.ok) throw new Error(made.reason);
  ({ credentials } = made);
  [behind, beside, apart] = await Promise.all([
    openBehind('required', LOOPBACK),
    openBehind('optional', LOOPBACK),
    openBehind('optional', ELSEWHERE),
  ]);
  return () => open.disposeAsync();
});
afterEach(() => behind.reconfigure({}));

async function openBehind(
  mode: ProxyProtocolConfig['mode'],
  trustedNetworks: readonly string[],
): Promise<TestSite> {
  const proxyProtocol = { mode, trustedNetworks, headerLimitSeconds: 1 };
  const port = { host: '127.0.0.1', port: 0, proxyProtocol };
  const worker: WorkerConfig = { imaps: port, pop3s: port, imap: port, pop3: port };
  const site = await openTestSite({ directLogin: true, changes: { workers: [worker] } });
  return open.use(site);
}

function headerOf(version: 1 | 2, source = CLIENT): Buffer {
  const destination = { address: '198.51.100.1', port: 993 };
  const ends = { family: 'ipv4', transport: 'stream', source, destination } as const;
  return formatProxyHeader({ version, command: 'proxy', ends, extras: {} });
}

/** A balancer's connection that passes a client on, up to the greeting. */
async function connectBehind(
  site: TestSite,
  door: 'imap' | 'imaps' | 'pop3',
  header: Uint8Array,
): Promise<RawClient> {
  const client = await connectRaw({ port: site.port(door) });
  await client.send(header);
  if (door === 'imaps') await client.startTls(site.clientTls);
  await client.readLine();
  return client;
}

describe('a client whom a trusted load balancer announces', () => {
  it.each([
    [1, 'imaps'],
    [2, 'imaps'],
    [1, 'imap'],
    [2, 'imap'],
  ] as const)('is in the log, by version %i at %s', async (version, door) => {
    const { address } = await behind.addAccount({}, credentials);
    const before = behind.log.length;
    await using client = await connectBehind(behind, door, headerOf(version));
    const via = `127.0.0.1:${client.localPort}`;
    expect((await client.command(`LOGIN ${address} wrong`)).status).toBe('NO');
    await client.expectOk(`LOGIN ${address} "${PASSWORD}"`);
    await client.sendLine('x LOGOUT');
    await client.readToEnd();
    const announced = { clientAddress: CLIENT.address, via };
    await expect
      .poll(() =>
        behind.log.slice(before).filter(({ event }) => /^(login|session)/.test(String(event))),
      )
      .toMatchObject([
        { event: 'login.rejected', reason: 'wrong-password', ...announced },
        { event: 'session.started', ...announced },
        { event: 'session.ended', ...announced },
      ]);
  });

  it('is the one whom rules and the throttle mean', async () => {
    const { address } = await behind.addAccount({}, credentials);
    const { throttle } = behind.config;
    behind.reconfigure({ throttle: { ...throttle, denyNetworks: ['203.0.113.0/24'] } });
    await using client = await connectBehind(behind, 'pop3', headerOf(2));
    await askPop3(client, `USER ${address}`);
    expect(await askPop3(client, `PASS ${PASSWORD}`)).toMatch(/^-ERR \[SYS\/PERM\]/);
    const other = headerOf(2, { address: '198.51.100.77', port: 1 });
    await using second = await connectBehind(behind, 'pop3', other);
    await askPop3(second, `USER ${address}`);
    expect(await askPop3(second, `PASS ${PASSWORD}`)).toMatch(/^\+OK/);
  });
});

describe('a front end beside load balancers', () => {
  it('comes without a header where one is optional', async () => {
    await using client = await beside.openImap(await beside.addAccount());
    await client.expectOk('NOOP');
  });
});

describe('a connection that is refused', () => {
  it.each([
    ['has no header', () => behind, 'imap', 'a NOOP\r\n', 'proxy-header-missing'],
    ['begins with TLS', () => behind, 'imaps', '\x16\x03\x01', 'proxy-header-missing'],
    ['has a broken header', () => behind, 'pop3', 'PROXY TCP9 x\r\n', 'bad-proxy-header'],
    ['is a stranger', () => apart, 'imap', headerOf(1), 'proxy-header-from-stranger'],
    ['is a stranger before TLS', () => apart, 'imaps', headerOf(2), 'proxy-header-from-stranger'],
  ] as const)('%s, is closed and logged', async (_claim, siteOf, door, octets, reason) => {
    const site = siteOf();
    const before = site.log.length;
    await using client = await connectRaw({ port: site.port(door) });
    await client.send(octets);
    const answer = (await client.readToEnd()).octets.toString();
    if (site === behind && door !== 'imaps') {
      expect(answer).toMatch(/^(\* BYE|-ERR) .*PROXY protocol.*\r\n$/);
    }
    await expect
      .poll(() => site.log.slice(before))
      .toContainEqual(
        expect.objectContaining({
          event: 'connection.refused',
          protocol: door,
          clientAddress: '127.0.0.1',
          reason,
        }),
      );
  });

  it('is none when a balancer looks whether the port is open', async () => {
    const before = behind.log.length;
    const local: ProxyHeader = { version: 2, command: 'local', ends: undefined, extras: {} };
    await using check = await connectRaw({ port: behind.port('imaps') });
    await check.send(formatProxyHeader(local));
    check.end();
    await check.readToEnd();
    await expect
      .poll(() => behind.log.slice(before).map(({ event }) => event))
      .toEqual(['connection.left']);
  });
});

describe('the configuration of a site', () => {
  const proxyProtocol = { mode: 'required', trustedNetworks: ['10.0.0.0/24'] };
  const explain = (config: Readonly<Record<string, unknown>>): unknown => {
    const workers = [{ imaps: { port: 1, proxyProtocol }, pop3s: { port: 2 } }];
    const tls = { certificates: [{ certFile: 'c', keyFile: 'k' }] };
    const directory = { driver: 'embedded', path: 'd' };
    const rest = { site: 'dublin', volumeFolder: 'v', tls, directory };
    const parsed = backEndConfigSchema.safeParse({ ...rest, workers, ...config });
    return parsed.error?.issues.map(({ path, message }) => [path.join('.'), message]);
  };

  it('believes load balancers where people log in, and nowhere else', () => {
    expect(explain({ directLogin: true })).toBe(undefined);
    expect(explain({})).toEqual([
      ['workers.0.imaps.proxyProtocol', expect.stringContaining('set directLogin')],
    ]);
  });

  it('knows no load balancers at ports for programs of our own', () => {
    const control = { port: 3, proxyProtocol };
    const workers = [{ imaps: { port: 1 }, pop3s: { port: 2 }, control }];
    expect(explain({ directLogin: true, control: { clientCaFile: 'ca' }, workers })).toEqual([
      ['workers.0.control', expect.stringContaining('proxyProtocol')],
    ]);
  });
});
