/**
 * A whole site for tests: a back-end worker on loopback with real TLS, an embedded directory,
 * a volume in a temporary folder, and the key of a front end.
 */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AccountId,
  type AccountRecord,
  createShardTable,
  type DirectoryDriver,
  openEmbeddedDirectory,
  shardOf,
  type SiteName,
} from '@homeward/directory';
import {
  createLogger,
  createMetrics,
  type Metrics,
  protocolLogSchema,
  sessionLimitsSchema,
  type StopMode,
  systemClock,
} from '@homeward/service';
import {
  type ClientTls,
  connectRaw,
  createTempFolder,
  createTestCertificate,
  type RawClient,
  type TempFolder,
} from '@homeward/testkit';
import {
  createTicketKeyPair,
  createTicketSigner,
  TICKET_EXPORTER_BYTES,
  TICKET_EXPORTER_LABEL,
  type TicketClaims,
  type TicketRequest,
} from '@homeward/ticket';
import { ldapSchema } from '@homeward/ldap';
import { clientAccessSchema, throttleSchema } from '@homeward/login-guards';
import { relaySchema } from '@homeward/smart-hosts';
import { oauthSchema } from '@homeward/token-issuers';
import type { TLSSocket } from 'node:tls';
import type { BackEndConfig } from '../config.ts';
import { BACKEND_LOG_EVENTS } from '../log-events.ts';
import { BACK_END_METRICS, type BackEndMetrics } from '../metrics/back-end-metrics.ts';
import { queueSchema } from '../delivery/queue-schema.ts';
import { type BackEndSettings, imapSettingsSchema, pop3SettingsSchema } from '../settings.ts';
import { submissionSettingsSchema } from '../submission/submission-settings.ts';
import { openBackEndWorker } from '../wiring.ts';
import type { BackEndWorker, ListenerName } from '../worker.ts';

const KEY_ID = 'test-front-end';
export const TEST_SERVER_NAME = 'dublin.homeward.test';

/** What tests may change of the site. */
export interface TestSiteOptions {
  readonly directLogin?: boolean;
  /** Front ends may come without TLS. */
  readonly plainFrontEnds?: boolean;
  /** The worker that owns every account, where it is not this one. */
  readonly ownerIndex?: number;
  /** Workers, in this process; one by default. With several the shards are dealt out. */
  readonly workerCount?: number;
  /** PEM file of whose bearers are let in at the control and LMTP ports; without it there are none. */
  readonly controlCaFile?: string;
  /** Instead of one of an authority of its own; for `TEST_SERVER_NAME`. */
  readonly certificate?: { readonly ca: string; readonly cert: string; readonly key: string };
  /** Sections of its configuration that are not as they are by default. */
  readonly changes?: Partial<BackEndConfig>;
  /** What the site shows at other workers. */
  readonly controlPair?: { readonly certFile: string; readonly keyFile: string };
}

/** Opens a site; `await using` closes it and removes its folder. */
export async function openTestSite(options: TestSiteOptions = {}): Promise<TestSite> {
  const folder = await createTempFolder();
  const certificate =
    options.certificate ?? (await createTestCertificate([TEST_SERVER_NAME, 'localhost']));
  const certFile = join(folder.path, 'cert.pem');
  const keyFile = join(folder.path, 'key.pem');
  await writeFile(certFile, certificate.cert);
  await writeFile(keyFile, certificate.key);
  const directoryFile = join(folder.path, 'directory.db');
  const directory = await openEmbeddedDirectory({ file: directoryFile });
  const keys = createTicketKeyPair();
  await directory.putFrontEndKey({
    keyId: KEY_ID,
    publicKey: keys.publicKey,
    label: 'tests',
    createdAtMs: systemClock.nowMs(),
    revokedAtMs: undefined,
  });
  const site = new TestSite({
    folder,
    directory,
    ca: certificate.ca,
    privateKey: keys.privateKey,
    config: {
      site: 'dublin',
      volumeFolder: join(folder.path, 'volume'),
      stopWindowSeconds: 0,
      workers: Array.from({ length: options.workerCount ?? 1 }, () => ({
        imaps: { host: '127.0.0.1', port: 0 },
        pop3s: { host: '127.0.0.1', port: 0 },
        control: options.controlCaFile === undefined ? undefined : { host: '127.0.0.1', port: 0 },
        imap: hasPlainPorts(options) ? { host: '127.0.0.1', port: 0 } : undefined,
        pop3: hasPlainPorts(options) ? { host: '127.0.0.1', port: 0 } : undefined,
        submissions: { host: '127.0.0.1', port: 0 },
        submission: hasPlainPorts(options) ? { host: '127.0.0.1', port: 0 } : undefined,
        lmtps: options.controlCaFile === undefined ? undefined : { host: '127.0.0.1', port: 0 },
      })),
      supervisor: false,
      tls: {
        certificates: [{ certFile, keyFile }],
        minVersion: 'TLSv1.2',
        handshakeLimitSeconds: 5,
      },
      directory: { driver: 'embedded', path: directoryFile },
      directLogin: options.directLogin ?? false,
      plainFrontEnds: options.plainFrontEnds ?? false,
      idleLimits: { preAuthenticatedSeconds: 60, authenticatedSeconds: 1_800 },
      limits: {
        imapCommandBytes: 65_536,
        pop3CommandBytes: 512,
        submissionCommandBytes: 2_048,
        messageBytes: 10_000_000,
        mailboxBytes: 1_000_000_000,
        openMailboxes: 100,
        connectionsPerWorker: 1_000,
      },
      imap: imapSettingsSchema.parse({}),
      pop3: pop3SettingsSchema.parse({}),
      oauth: oauthSchema.parse({}),
      ldap: ldapSchema.parse({}),
      throttle: throttleSchema.parse({}),
      clientAccess: clientAccessSchema.parse({}),
      connectionLimits: sessionLimitsSchema.parse({}),
      mail: { acceptedDomains: { 'example.test': 'authoritative' }, detailSeparator: '+' },
      submission: submissionSettingsSchema.parse({ serverName: 'mail.example.test' }),
      queue: queueSchema.parse({}),
      relay: relaySchema.parse({}),
      protocolLog: {
        ...protocolLogSchema.parse({}),
        folder: join(folder.path, 'protocol-log'),
      },
      control: { clientCaFile: options.controlCaFile, ...options.controlPair },
      deletedMailboxes: { keepDays: 30 },
      logging: { level: 'debug', format: 'json' },
      ops: { enabled: false, host: '127.0.0.1', port: 0 },
      ...options.changes,
    },
  });
  await site.putSite(options.ownerIndex ?? 0);
  await site.start();
  return site;
}

function hasPlainPorts({ directLogin, plainFrontEnds }: TestSiteOptions): boolean {
  return directLogin === true || plainFrontEnds === true;
}

interface TestSiteParts {
  readonly folder: TempFolder;
  readonly directory: DirectoryDriver;
  readonly ca: string;
  readonly privateKey: string;
  readonly config: BackEndConfig;
}

/** A running site and the means to log in to it. */
export class TestSite implements AsyncDisposable {
  readonly directory: DirectoryDriver;
  readonly config: BackEndConfig;
  /** Log lines as objects. */
  readonly log: Record<string, unknown>[] = [];
  /** Of the first worker. */
  readonly metrics: Metrics<BackEndMetrics> = makeMetrics(0);
  readonly #parts: TestSiteParts;
  readonly #workers: (BackEndWorker | undefined)[] = [];
  #accountCount = 0;

  constructor(parts: TestSiteParts) {
    this.#parts = parts;
    this.directory = parts.directory;
    this.config = parts.config;
  }

  /** Writes the site's record; of one worker, with all shards at `ownerIndex`. */
  async putSite(ownerIndex: number): Promise<void> {
    const workerCount = this.config.workers.length;
    const { workerOfShard } = createShardTable(workerCount, 1);
    const worker = { host: '127.0.0.1', imapsPort: 1, pop3sPort: 1 };
    const ownerOfShard = workerCount === 1 ? workerOfShard.map(() => ownerIndex) : workerOfShard;
    await this.directory.putSite({
      name: 'dublin' as SiteName,
      serverName: TEST_SERVER_NAME,
      workers: [worker, worker],
      shardTable: { version: 7, workerOfShard: ownerOfShard },
      version: 1,
    });
  }

  async start(): Promise<void> {
    for (const index of this.config.workers.keys()) await this.startWorker(index);
  }

  /** Tells the directory where mail is delivered: at the ports that the workers have now. */
  async announceLmtp(): Promise<void> {
    const site = await this.directory.getSite('dublin' as SiteName);
    if (site === undefined) throw new Error('there is no site');
    const workers = site.workers.map((worker, index) => ({
      ...worker,
      lmtpsPort: this.#workers[index] === undefined ? 1 : this.port('lmtps', index),
    }));
    await this.directory.putSite({ ...site, workers, version: site.version + 1 });
  }

  async startWorker(index: number): Promise<void> {
    const log = createLogger({
      service: 'backend',
      level: 'debug',
      format: 'json',
      events: BACKEND_LOG_EVENTS,
      clock: systemClock,
      write: (line) => {
        this.log.push(JSON.parse(line) as Record<string, unknown>);
      },
    });
    const metrics = index === 0 ? this.metrics : makeMetrics(index);
    const parts = { clock: systemClock, log, metrics };
    this.#workers[index] = await openBackEndWorker(this.config, index, parts);
  }

  /** As if its file were read again with other live settings. */
  reconfigure(changes: Partial<BackEndSettings>): void {
    const { tls, logging } = this.config;
    for (const worker of this.#workers) {
      worker?.applyConfig({ ...this.config, ...changes, tls, logging });
    }
  }

  async stop(mode: StopMode = 'drain'): Promise<void> {
    for (const index of this.#workers.keys()) await this.stopWorker(index, mode);
  }

  async stopWorker(index: number, mode: StopMode = 'drain'): Promise<void> {
    await this.#workers[index]?.close(mode);
    this.#workers[index] = undefined;
  }

  /** As if it had been lost; while the site is stopped. */
  async removeFromVolume(name: string): Promise<void> {
    await rm(join(this.config.volumeFolder, name), { recursive: true });
  }

  /** Of the worker that owns it. */
  submissionsPort(id: AccountId): number {
    return this.port('submissions', this.#ownerOf(id));
  }

  async addAccount(
    changes: Partial<AccountRecord> = {},
    credentials?: Parameters<DirectoryDriver['addAccount']>[1],
  ): Promise<AccountRecord> {
    const id = this.nextAccountId(undefined);
    const address = `person${this.#accountCount}@example.test`;
    const account: AccountRecord = {
      id,
      address,
      names: [address],
      displayName: undefined,
      kind: 'user',
      isEnabled: true,
      protocols: { imap: true, pop3: true, submission: true },
      home: 'dublin' as SiteName,
      epoch: 1,
      connectionLimit: undefined,
      quotaBytes: undefined,
      quotaMessages: undefined,
      delegates: [],
      version: 1,
      createdAtMs: 0,
      ...changes,
    };
    const outcome = await this.directory.addAccount(account, credentials);
    if (!outcome.ok) throw new Error(outcome.detail);
    return account;
  }

  /** @param workerIndex Whose shards the account is to be in; undefined for any. */
  nextAccountId(workerIndex: number | undefined): AccountId {
    for (;;) {
      this.#accountCount += 1;
      const id = `01JD${String(this.#accountCount).padStart(22, '0')}` as AccountId;
      if (workerIndex === undefined || this.#ownerOf(id) === workerIndex) return id;
    }
  }

  #ownerOf(id: AccountId): number {
    return shardOf(id) % this.config.workers.length;
  }

  port(name: ListenerName, workerIndex = 0): number {
    const worker = this.#workers[workerIndex];
    const found = worker?.addresses.find((address) => address.name === name);
    if (found === undefined) throw new Error(`nothing listens as ${name}`);
    return found.address.port;
  }

  /** Of the first worker. */
  get controlPort(): number {
    const opened = this.log.find((line) => line['protocol'] === 'control');
    return Number(new URL(String(opened?.['address'])).port);
  }

  get clientTls(): ClientTls {
    return { ca: this.#parts.ca, servername: TEST_SERVER_NAME };
  }

  /** A connection with its greeting read. */
  async connect(name: ListenerName): Promise<RawClient> {
    const client = await this.connectUngreeted(name);
    await client.readLine();
    return client;
  }

  /** The same, before its greeting. */
  connectUngreeted(name: ListenerName): Promise<RawClient> {
    const port = this.port(name);
    return connectRaw(name.endsWith('s') ? { port, tls: this.clientTls } : { port });
  }

  /** The same under TLS, at any worker with this site's certificate. */
  async connectTo(port: number): Promise<RawClient> {
    const client = await connectRaw({ port, tls: this.clientTls });
    await client.readLine();
    return client;
  }

  /** A ticket for an account, bound to a connection; `changes` make it a wrong one. */
  sign(
    account: Pick<AccountRecord, 'id' | 'address' | 'epoch'>,
    client: RawClient,
    changes: Partial<TicketClaims> & { readonly keyId?: string; readonly nowMs?: number } = {},
  ): string {
    const { keyId = KEY_ID, nowMs = systemClock.nowMs(), ...claims } = changes;
    const { privateKey } = this.#parts;
    const signer = createTicketSigner({ keyId, privateKey, nowMs: () => nowMs });
    const request: TicketRequest = {
      sub: account.id,
      aud: 'dublin',
      epoch: account.epoch,
      proto: 'imap',
      sid: 'conversation-1',
      client: { address: '192.0.2.7', port: 4711, tls: undefined },
      login: account.address,
      act: undefined,
      access: undefined,
      quota: undefined,
      operator: undefined,
      cnf: 'cnf' in claims ? undefined : exporterOf(client),
      ...claims,
    };
    return signer.sign(request);
  }

  /** Logs in by ticket. @returns the tagged answer. */
  async authenticate(client: RawClient, ticket: string): Promise<string> {
    const response = Buffer.from(`n,,\x01auth=Bearer ${ticket}\x01\x01`).toString('base64');
    await client.sendLine(`t AUTHENTICATE OAUTHBEARER ${response}`);
    for (;;) {
      const line = await client.readLine();
      if (line.startsWith('t ')) return line;
      // RFC 7628 §3.2.3: the error comes as a challenge, to be answered by a lone 0x01.
      if (line.startsWith('+')) await client.sendLine(Buffer.from('\x01').toString('base64'));
    }
  }

  /** An IMAP connection that is logged in. */
  async openImap(account: AccountRecord): Promise<RawClient> {
    const client = await this.connectTo(this.port('imaps', this.#ownerOf(account.id)));
    const answer = await this.authenticate(client, this.sign(account, client));
    if (!answer.startsWith('t OK')) throw new Error(answer);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('now');
    await this.directory.close();
    await this.#parts.folder[Symbol.asyncDispose]();
  }
}

function makeMetrics(workerIndex: number): Metrics<BackEndMetrics> {
  return createMetrics({
    catalogue: BACK_END_METRICS,
    worker: String(workerIndex),
    includesProcess: false,
  });
}

function exporterOf(client: RawClient): string | undefined {
  const socket = client.octets.socket as TLSSocket;
  return socket
    .exportKeyingMaterial(TICKET_EXPORTER_BYTES, TICKET_EXPORTER_LABEL, Buffer.alloc(0))
    .toString('base64url');
}
