/**
 * Everything around a proxy under measurement: the home that all forward to, one certificate for
 * all, and for ours a Redis with the accounts of two sites.
 */
import { argon2Sync, generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import {
  type CredentialSet,
  createAccountIdSource,
  createShardTable,
  openDirectory,
  type DirectoryDriver,
  type SiteName,
  type SiteRecord,
} from '@homeward/directory';
import {
  createTempFolder,
  createTestCertificate,
  startPrivateRedis,
  type PrivateRedis,
  type TempFolder,
} from '@homeward/testkit';
import { startPinnedNode } from './pinned-process.ts';

/** Accounts of each site; connections take them in turn. */
export const USER_COUNT = 1_000;
/** Of the one message at home. */
export const MESSAGE_BYTES = 262_144;
const PASSWORD = 'secret';
const SITE_SERVER_NAME = 'home.mail.test';

/** How our front end reaches the home. */
export type InnerLeg = 'plain' | 'tls';

/** Where a home or a proxy listens, in plaintext and in TLS. */
export interface MailPorts {
  readonly imap: number;
  readonly imaps: number;
  readonly pop3: number;
  readonly pop3s: number;
}

export interface BenchWorld extends AsyncDisposable {
  readonly folder: TempFolder;
  /** The certificate that clients see, PEM files. */
  readonly certFile: string;
  readonly keyFile: string;
  /** Both in one. */
  readonly pemFile: string;
  /** The authority of the home, and our front end's ticket key. */
  readonly caFile: string;
  readonly ticketKeyFile: string;
  /** The home's ports. */
  readonly home: MailPorts;
  readonly redis: PrivateRedis;
  /** Of the directory whose accounts live behind that leg. */
  keyPrefix(leg: InnerLeg): string;
}

/** @param homeCount Processes that play the home; proxies that know one know the first. */
export async function openBenchWorld(homeCount: number = 1): Promise<BenchWorld> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await createTempFolder('front-end-bench'));
  const files = await writeKeys(folder);
  const homes: MailPorts[] = [];
  for (let index = 0; index < homeCount; index += 1) homes.push(await startHome(files, stack));
  const redis = stack.use(await startPrivateRedis());
  const keyPrefix = (leg: InnerLeg): string => `${redis.keyPrefix}-${leg}`;
  for (const leg of ['plain', 'tls'] as const) {
    await fillDirectory(redis.url, keyPrefix(leg), leg, homes);
  }
  const parts = stack.move();
  return {
    folder,
    ...files,
    home: homes[0] ?? { imap: 0, imaps: 0, pop3: 0, pop3s: 0 },
    redis,
    keyPrefix,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

async function startHome(
  { siteCertFile, siteKeyFile }: Awaited<ReturnType<typeof writeKeys>>,
  stack: AsyncDisposableStack,
): Promise<MailPorts> {
  const order = { certFile: siteCertFile, keyFile: siteKeyFile, messageBytes: MESSAGE_BYTES };
  const script = new URL('stub-home.ts', import.meta.url);
  const stub = stack.use(startPinnedNode('load', script, [JSON.stringify(order)]));
  const [, ports = ''] = await stub.waitForLine(/^ready (.*)$/);
  return JSON.parse(ports) as MailPorts;
}

async function writeKeys(folder: TempFolder) {
  const write = async (name: string, text: string): Promise<string> => {
    const file = folder.join(name);
    // Throw-away keys; some peers' login processes run as another user.
    await writeFile(file, text, { mode: 0o644 });
    return file;
  };
  const site = await createTestCertificate([SITE_SERVER_NAME]);
  const forClients = await createTestCertificate();
  const { privateKey } = generateKeyPairSync('ed25519');
  const ticketKey = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return {
    certFile: await write('cert.pem', forClients.cert),
    keyFile: await write('key.pem', forClients.key),
    pemFile: await write('both.pem', `${forClients.cert}\n${forClients.key}\n`),
    caFile: await write('ca.pem', site.ca),
    siteCertFile: await write('site.pem', site.cert),
    siteKeyFile: await write('site.key', site.key),
    ticketKeyFile: await write('ticket.pem', ticketKey),
  };
}

async function fillDirectory(
  redisUrl: string,
  keyPrefix: string,
  leg: InnerLeg,
  homes: readonly MailPorts[],
): Promise<void> {
  const directory = await openDirectory({ redisUrl, keyPrefix, foundsWhenEmpty: true });
  try {
    await directory.putSite(describeSite(leg, homes));
    const credentials = createCheapCredentials();
    const nextId = createAccountIdSource(Date.now, randomBytes);
    await Promise.all(
      Array.from({ length: USER_COUNT }, (_unused, index) =>
        addUser(directory, index, nextId(), credentials),
      ),
    );
  } finally {
    await directory.close();
  }
}

/** A site of our own; behind the plain leg it has plain ports as well, as on a closed network. */
function describeSite(leg: InnerLeg, homes: readonly MailPorts[]): SiteRecord {
  const host = '127.0.0.1';
  return {
    name: 'home' as SiteName,
    serverName: SITE_SERVER_NAME,
    workers: homes.map(({ imap, imaps, pop3, pop3s }) => ({
      host,
      imapsPort: imaps,
      pop3sPort: pop3s,
      ...(leg === 'plain' && { imapPort: imap, pop3Port: pop3 }),
    })),
    shardTable: createShardTable(homes.length, 1),
    version: 1,
  };
}

async function addUser(
  directory: DirectoryDriver,
  index: number,
  id: ReturnType<ReturnType<typeof createAccountIdSource>>,
  credentials: CredentialSet,
): Promise<void> {
  const address = `user${String(index).padStart(5, '0')}@example.test`;
  const outcome = await directory.addAccount(
    {
      id,
      address,
      names: [address],
      displayName: undefined,
      kind: 'user',
      isEnabled: true,
      protocols: { imap: true, pop3: true, submission: true },
      home: 'home' as SiteName,
      epoch: 1,
      connectionLimit: undefined,
      quotaBytes: undefined,
      quotaMessages: undefined,
      delegates: [],
      version: 1,
      createdAtMs: Date.now(),
    },
    credentials,
  );
  if (!outcome.ok) throw new Error(`${address} could not be added: ${outcome.detail}`);
}

/**
 * One set for everybody, made with the least costs: what is measured are secrets that were right
 * a moment ago, as those of a program that opens its fifth connection.
 */
function createCheapCredentials(): CredentialSet {
  const salt = randomBytes(16);
  const costs = { parallelism: 1, tagLength: 32, memory: 8, passes: 1 };
  const hash = argon2Sync('argon2id', { message: PASSWORD, nonce: salt, ...costs });
  const write = (octets: Uint8Array): string =>
    Buffer.from(octets).toString('base64').replace(/=+$/, '');
  const key = hash.toString('base64');
  return {
    argon2id: `$argon2id$v=19$m=8,t=1,p=1$${write(salt)}$${write(hash)}`,
    scramSha256: {
      salt: salt.toString('base64'),
      iterationCount: 4_096,
      storedKey: key,
      serverKey: key,
    },
    setAtMs: Date.now(),
  };
}
