/**
 * A real front end for tests: sockets, TLS, an embedded directory, passwords and tickets are
 * real; the homes are scripts. One site, dublin, with one worker for each protocol.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  createAccountService,
  createPasswordService,
  createShardTable,
  openDirectory,
  type AccountService,
  type DirectoryDriver,
  type SiteName,
} from '@homeward/directory';
import { createMetrics, systemClock } from '@homeward/service';
import {
  connectRaw,
  createTempFolder,
  createTestCertificate,
  startScriptedServer,
  type PeerScript,
  type RawClient,
  type RawClientOptions,
  type ScriptedPeer,
  type ScriptedServer,
  type TestCertificate,
} from '@homeward/testkit';
import {
  createTicketKeyPair,
  createTicketVerifier,
  TICKET_EXPORTER_BYTES,
  TICKET_EXPORTER_LABEL,
  type TicketVerdict,
} from '@homeward/ticket';
import type { TLSSocket } from 'node:tls';
import type { FrontEndConfig } from '../config.ts';
import type { FrontEndWorker, ListenAddress } from '../front-end-worker.ts';
import type { MailProtocol } from '../login/ports.ts';
import { FRONT_END_METRICS } from '../metrics/front-end-metrics.ts';
import { openFrontEndWorker } from '../wiring.ts';
import { readMetric } from './read-metric.ts';
import { createRecordingLog } from './scripted-ports.ts';
import { createTestConfig } from './test-config.ts';

export const SITE_SERVER_NAME = 'dublin.mail.test';
export const PASSWORD = 'correct horse';

/** Made once for a test file: they take a while. */
export interface WorldCertificates {
  readonly public: TestCertificate;
  readonly site: TestCertificate;
}

export async function createWorldCertificates(): Promise<WorldCertificates> {
  const [forClients, forSite] = await Promise.all([
    createTestCertificate(['localhost']),
    createTestCertificate([SITE_SERVER_NAME]),
  ]);
  return { public: forClients, site: forSite };
}

export interface WorldOptions {
  readonly certificates: WorldCertificates;
  /** Plays each connection that reaches the home, over TLS. */
  readonly home?: PeerScript;
  /** The certificate that the home shows; the site's own by default. */
  readonly homeCertificate?: TestCertificate;
  /** Where accounts are; a file of the test's own by default. */
  readonly redis?: { readonly url: string; readonly keyPrefix: string };
  /** Connections to the home that are kept ready; none by default. */
  readonly warmConnections?: number;
  /** Keys of the section `homes` beside those of the world. */
  readonly homes?: Readonly<Record<string, unknown>>;
  /** Sections of the configuration that replace those of the world. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** Everything around a front end: a directory with an account, a home, a configuration. */
export interface Surroundings extends AsyncDisposable {
  readonly config: FrontEndConfig;
  readonly home: ScriptedServer;
  readonly directory: DirectoryDriver;
  readonly accounts: AccountService;
  readonly clientTls: { readonly ca: string; readonly servername: string };
  /** What programs have to believe, as `clientTls`. PEM. */
  readonly publicCaFile: string;
  /** What a home would say to a ticket that came over this connection. */
  verifyTicket(peer: ScriptedPeer, ticket: string, proto?: MailProtocol): TicketVerdict;
}

/** With TLS from the start. */
type SecureDoor = `${MailProtocol}s`;

/** A front end in this process, with its surroundings. */
export interface FrontEndWorld extends Surroundings {
  readonly worker: FrontEndWorker;
  readonly log: ReturnType<typeof createRecordingLog>;
  /** @param series `name{label="value"}`, without the label of the worker. */
  count(series: string): Promise<number | undefined>;
  readonly ports: Readonly<Record<MailProtocol | SecureDoor, number>>;
  /** Connects with TLS from the start. */
  connect(door: SecureDoor, options?: Pick<RawClientOptions, 'localAddress'>): Promise<RawClient>;
  connectPlain(door: MailProtocol): Promise<RawClient>;
}

/** With one account, anna@example.net, whose password is `PASSWORD`. */
export async function openSurroundings(options: WorldOptions): Promise<Surroundings> {
  const { certificates, homeCertificate = certificates.site } = options;
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await createTempFolder('frontend'));
  const tls = { key: homeCertificate.key, cert: homeCertificate.cert };
  const home = await startScriptedServer(options.home ?? ((peer) => peer.hold()), { tls });
  stack.defer(() => home.kill());

  const { redis } = options;
  const directory = await openDirectory(
    redis === undefined
      ? { file: folder.join('directory.db') }
      : { redisUrl: redis.url, keyPrefix: redis.keyPrefix, foundsWhenEmpty: true },
  );
  stack.defer(() => directory.close());
  const passwords = createPasswordService({ scramIterationCount: 4096 });
  stack.defer(() => passwords.close());
  const accounts = createAccountService({ driver: directory, passwords });
  await directory.putSite({
    name: 'dublin' as SiteName,
    serverName: SITE_SERVER_NAME,
    workers: [
      {
        host: '127.0.0.1',
        imapsPort: home.port,
        pop3sPort: home.port,
        submissionsPort: home.port,
      },
    ],
    shardTable: createShardTable(1, 1),
    version: 1,
  });
  await accounts.add({ address: 'anna@example.net', site: 'dublin', password: PASSWORD });

  const key = createTicketKeyPair();
  const config = createTestConfig({
    ...(await writeConfig(folder.path, options, key.privateKey)),
    ticket: { keyId: key.keyId, keyFile: folder.join('ticket.pem') },
    ...options.config,
  });
  const verifier = createTicketVerifier({
    site: 'dublin',
    findKey: (keyId) =>
      keyId === key.keyId ? { publicKey: key.publicKey, isRevoked: false } : undefined,
    nowMs: () => Date.now(),
  });
  const parts = stack.move();
  return {
    config,
    home,
    directory,
    accounts,
    clientTls: { ca: certificates.public.ca, servername: 'localhost' },
    publicCaFile: folder.join('public-ca.pem'),
    verifyTicket: (peer, ticket, proto = 'imap') =>
      verifier.verify(ticket, { proto, exporter: exporterOf(peer) }),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

export async function openFrontEndWorld(options: WorldOptions): Promise<FrontEndWorld> {
  await using stack = new AsyncDisposableStack();
  const surroundings = stack.use(await openSurroundings(options));
  const log = createRecordingLog();
  const metrics = createMetrics({
    catalogue: FRONT_END_METRICS,
    worker: 'test',
    includesProcess: false,
  });
  const worker = await openFrontEndWorker(surroundings.config, {
    clock: systemClock,
    log,
    metrics,
    workerName: 'test',
  });
  stack.defer(() => worker.close('now'));
  const ports = portsOf(worker.addresses);
  const parts = stack.move();
  return {
    ...surroundings,
    worker,
    log,
    count: async (series) =>
      readMetric(
        await metrics.format(),
        series.replace(/,?}/, ',worker="test"}').replace('{,', '{'),
      ),
    ports,
    connect: (door, options) =>
      connectRaw({ port: ports[door], tls: surroundings.clientTls, ...options }),
    connectPlain: (door) => connectRaw({ port: ports[door] }),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

async function writeConfig(
  folder: string,
  { certificates, warmConnections = 0, redis, homes }: WorldOptions,
  ticketKey: string,
): Promise<Readonly<Record<string, unknown>>> {
  const write = async (name: string, text: string): Promise<string> => {
    const file = path.join(folder, name);
    await writeFile(file, text, { mode: 0o600 });
    return file;
  };
  await write('ticket.pem', ticketKey);
  await write('public-ca.pem', certificates.public.ca);
  const listeners = [
    { host: '127.0.0.1', port: 0, tls: 'starttls' },
    { host: '127.0.0.1', port: 0, tls: 'implicit' },
  ];
  return {
    imap: { listeners },
    pop3: { listeners },
    submission: { listeners, serverName: 'mail.example.net' },
    tls: {
      certificates: [
        {
          certFile: await write('cert.pem', certificates.public.cert),
          keyFile: await write('key.pem', certificates.public.key),
        },
      ],
    },
    homes: {
      caFile: await write('ca.pem', certificates.site.ca),
      warmConnectionsPerWorker: warmConnections,
      // Scripted homes know logins alone.
      probes: false,
      ...homes,
    },
    directory:
      redis === undefined
        ? { driver: 'embedded', path: path.join(folder, 'directory.db') }
        : { driver: 'redis', ...redis },
  };
}

export function portsOf(addresses: readonly ListenAddress[]): FrontEndWorld['ports'] {
  const portOf = (protocol: string, tls: string): number =>
    addresses.find((door) => door.protocol === protocol && door.tls === tls)?.port ?? 0;
  return {
    imap: portOf('imap', 'starttls'),
    imaps: portOf('imap', 'implicit'),
    pop3: portOf('pop3', 'starttls'),
    pop3s: portOf('pop3', 'implicit'),
    submission: portOf('submission', 'starttls'),
    submissions: portOf('submission', 'implicit'),
  };
}

function exporterOf(peer: ScriptedPeer): string {
  const socket = peer.octets.socket as TLSSocket;
  return socket
    .exportKeyingMaterial(TICKET_EXPORTER_BYTES, TICKET_EXPORTER_LABEL, Buffer.alloc(0))
    .toString('base64url');
}

/** A home's IMAP side up to the ticket. @returns The tag to answer and the ticket. */
export async function takeImapLogin(
  peer: ScriptedPeer,
): Promise<{ readonly tag: string; readonly ticket: string }> {
  await peer.sendLine('* OK home');
  const [, tag = '', response = ''] = await peer.expectLine(
    /^(\S+) AUTHENTICATE OAUTHBEARER (\S+)$/,
  );
  return { tag, ticket: ticketIn(response) };
}

/** A home's POP3 side up to the ticket. */
export async function takePop3Login(peer: ScriptedPeer): Promise<string> {
  await peer.sendLine('+OK home');
  const [, response = ''] = await peer.expectLine(/^AUTH OAUTHBEARER (\S+)$/);
  return ticketIn(response);
}

/** A home's side of submission up to the ticket. @returns What the client calls itself, and the ticket. */
export async function takeSmtpLogin(
  peer: ScriptedPeer,
): Promise<{ readonly clientName: string; readonly ticket: string }> {
  await peer.sendLine('220 home ESMTP');
  const [, clientName = ''] = await peer.expectLine(/^EHLO (\S+)$/);
  const [, response = ''] = await peer.expectLine(/^AUTH OAUTHBEARER (\S+)$/);
  await peer.send('250-home\r\n250 AUTH OAUTHBEARER\r\n');
  return { clientName, ticket: ticketIn(response) };
}

function ticketIn(response: string): string {
  const text = Buffer.from(response, 'base64').toString('latin1');
  return /auth=Bearer ([^\x01]+)/.exec(text)?.[1] ?? '';
}
