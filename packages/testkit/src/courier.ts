/**
 * A real Courier (IMAP, POP3, its authentication daemon) for tests against peers: private ones on
 * free ports of the loopback address. It is unpacked and not installed, since Debian has one IMAP
 * server at a time; and since its paths are compiled in, each runs in a root folder of its own.
 */
import { createHash, randomBytes } from 'node:crypto';
import { chmod, chown, cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { findFreePort } from './free-port.ts';
import { startProcess, type ProcessOptions, type RunningProcess } from './process-runner.ts';
import { createTempFolder, type TempFolder } from './temp-folder.ts';
import { createTestCertificate } from './test-certificate.ts';
import { ensureUnpackedPackages } from './unpacked-packages.ts';
import { waitForPort } from './wait-for-port.ts';

/** How it is set up. */
export interface CourierOptions {
  /** Whose Maildirs are there. */
  readonly users: readonly string[];
}

/** A Courier that answers. `await using` stops it. A wrong password takes it five seconds. */
export interface TestCourier extends AsyncDisposable {
  readonly host: string;
  readonly imapPort: number;
  readonly imapsPort: number;
  readonly pop3Port: number;
  readonly pop3sPort: number;
  /** Of its certificate, which is for localhost. PEM. */
  readonly caFile: string;
  /** Of every account. */
  readonly password: string;
  stop(): Promise<void>;
}

const PASSWORD = String.raw`pass "for" \tests`;
/** Of the Maildirs. Every Debian has the user `mail`. */
const MAIL_ID = 8;
const PROGRAMS = '/usr/lib/courier/courier';
const AUTH_DAEMON = '/usr/lib/courier/courier-authlib/authdaemond';
const MAKE_DATABASE = '/usr/lib/courier/courier-authlib/makedatprog';
/** As Debian configures it; on a connection without TLS there is LOGIN alone. */
const IMAP_CAPABILITY =
  'IMAP4rev1 UIDPLUS CHILDREN NAMESPACE THREAD=ORDEREDSUBJECT THREAD=REFERENCES SORT QUOTA IDLE';

/** @throws Error with one sentence that says what to do, if there is no Courier. */
export async function startCourier({ users }: CourierOptions): Promise<TestCourier> {
  const found = await ensureUnpackedPackages({
    name: 'courier',
    packages: [
      ...['courier-imap', 'courier-pop', 'courier-base'],
      ...['courier-authlib', 'courier-authdaemon', 'courier-authlib-userdb'],
    ],
    libraries: [
      ...['libgdbm6', 'libidn12', 'libltdl7', 'libgnutls30'],
      ...['libcourier-unicode4', 'libgamin0'],
    ],
  });
  if ('problem' in found) {
    throw new Error(`Tests against peers need Courier, unpacked for them (${found.problem}).`);
  }
  await using stack = new AsyncDisposableStack();
  const folder = await createTempFolder('courier');
  stack.defer(() => folder.remove());
  await layOut(folder, found.path, users);
  const daemon = stack.use(startInside(folder, AUTH_DAEMON));
  await daemon.waitForLine(/Installation complete: authuserdb/);
  const ports = {
    imapPort: await startDoor(folder, IMAP, false, stack),
    imapsPort: await startDoor(folder, IMAP, true, stack),
    pop3Port: await startDoor(folder, POP3, false, stack),
    pop3sPort: await startDoor(folder, POP3, true, stack),
  };
  const parts = stack.move();
  return {
    ...ports,
    host: '127.0.0.1',
    caFile: folder.join('ca.pem'),
    password: PASSWORD,
    stop: () => parts.disposeAsync(),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

function startInside(
  root: TempFolder,
  program: string,
  { args = [], ...options }: ProcessOptions = {},
): RunningProcess {
  return startProcess('chroot', { args: [root.path, program, ...args], ...options });
}

interface Door {
  readonly programs: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Of TLS from the first octet. */
  readonly tlsVariable: string;
}

const IMAP: Door = {
  programs: [`${PROGRAMS}/imaplogin`, '/usr/bin/imapd', 'Maildir'],
  env: {
    IMAP_STARTTLS: 'YES',
    IMAP_TLS_REQUIRED: '0',
    IMAP_CAPABILITY,
    IMAP_CAPABILITY_TLS: `${IMAP_CAPABILITY} AUTH=PLAIN`,
    // How often IDLE looks, in seconds.
    IMAP_IDLE_TIMEOUT: '1',
    IMAP_USELOCKS: '0',
    IMAP_ENHANCEDIDLE: '0',
  },
  tlsVariable: 'IMAP_TLS',
};
const POP3: Door = {
  programs: [`${PROGRAMS}/courierpop3login`, `${PROGRAMS}/courierpop3d`, 'Maildir'],
  env: {
    POP3_STARTTLS: 'YES',
    POP3_TLS_REQUIRED: '0',
    POP3AUTH: '',
    POP3AUTH_TLS: 'LOGIN PLAIN',
  },
  tlsVariable: 'POP3_TLS',
};
const startAttempts = 5;

/** @returns Its port. */
async function startDoor(
  root: TempFolder,
  { programs, env, tlsVariable }: Door,
  isImplicit: boolean,
  stack: AsyncDisposableStack,
): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await findFreePort();
    const server = startInside(root, '/usr/sbin/couriertcpd', {
      args: [
        ...['-address=127.0.0.1', '-maxprocs=40', '-maxperip=40'],
        ...['-nodnslookup', '-noidentlookup', String(port)],
        ...(isImplicit ? ['/usr/bin/couriertls', '-server', '-tcpd'] : []),
        ...programs,
      ],
      env: {
        COURIERTLS: '/usr/bin/couriertls',
        TLS_CERTFILE: '/etc/courier/door.pem',
        TLS_VERIFYPEER: 'NONE',
        ...env,
        ...(isImplicit && { [tlsVariable]: '1' }),
      },
    });
    try {
      await waitForPort(port, () => server.exit !== undefined);
      stack.use(server);
      return port;
    } catch (error) {
      await server.stop();
      const isTaken = server.output.includes('Address already in use');
      if (!isTaken || attempt === startAttempts) throw error;
    }
  }
}

async function layOut(root: TempFolder, unpacked: string, users: readonly string[]): Promise<void> {
  await chmod(root.path, 0o755);
  for (const name of ['lib', 'bin', 'sbin']) {
    await cp(`${unpacked}/usr/${name}`, root.join('usr', name), {
      recursive: true,
      verbatimSymlinks: true,
    });
  }
  for (const library of await listLibraries(root)) {
    await cp(library, root.join(library), { dereference: true });
  }
  for (const name of ['dev', 'tmp', 'etc/courier', 'run/courier/authdaemon']) {
    await mkdir(root.join(name), { recursive: true });
  }
  await writeFile(root.join('dev', 'null'), '');
  await writeFile(root.join('dev', 'urandom'), randomBytes(4096));
  // couriertls becomes this user.
  await writeFile(root.join('etc', 'passwd'), `courier:x:${MAIL_ID}:${MAIL_ID}::/:/bin/sh\n`);
  await writeFile(root.join('etc', 'group'), `courier:x:${MAIL_ID}:\n`);
  const certificate = await createTestCertificate();
  await writeFile(root.join('ca.pem'), certificate.ca);
  const both = `${certificate.key}${certificate.cert}`;
  await writeFile(root.join('etc/courier/door.pem'), both, { mode: 0o600 });
  await chown(root.join('etc/courier/door.pem'), MAIL_ID, MAIL_ID);
  await writeFile(root.join('etc/courier/authdaemonrc'), AUTH_CONFIG);
  for (const user of users) await makeMaildir(root, user);
  await makeDatabase(
    root,
    'userdb.dat',
    users.map((user) => `${user}\thome=/mail/${user}|uid=${MAIL_ID}|gid=${MAIL_ID}|_=`),
  );
  const hash = createHash('sha256').update(PASSWORD).digest('base64');
  const shadows = users.map((user) => `${user}\tsystempw={SHA256}${hash}`);
  await makeDatabase(root, 'userdbshadow.dat', shadows);
}

const AUTH_CONFIG = `authmodulelist="authuserdb"
authmodulelistorig="authuserdb"
daemons=2
authdaemonvar=/run/courier/authdaemon
`;

/** Of the machine: what the programs are linked with and have not brought with them. */
async function listLibraries(root: TempFolder): Promise<ReadonlySet<string>> {
  const own = root.join('usr', 'lib');
  const programs: string[] = [];
  for (const name of ['usr/bin', 'usr/sbin', 'usr/lib/courier', 'usr/lib/courier-authlib']) {
    for (const file of await readdir(root.join(name), { recursive: true, withFileTypes: true })) {
      if (file.isFile()) programs.push(path.join(file.parentPath, file.name));
    }
  }
  // It says of a script that it is none of its own, and ends with 1.
  const lister = startProcess('ldd', { args: programs, env: { LD_LIBRARY_PATH: own } });
  await lister.waitForExit();
  const found = new Set<string>();
  for (const [, file = ''] of lister.output.matchAll(/^\t(?:\S+ => )?(\/\S+) \(0x/gm)) {
    if (!file.startsWith(root.path)) found.add(file);
  }
  return found;
}

async function makeMaildir(root: TempFolder, user: string): Promise<void> {
  const home = root.join('mail', user);
  for (const name of ['cur', 'new', 'tmp']) {
    await mkdir(path.join(home, 'Maildir', name), { recursive: true });
  }
  await chown(home, MAIL_ID, MAIL_ID);
  for (const name of await readdir(home, { recursive: true })) {
    await chown(path.join(home, name), MAIL_ID, MAIL_ID);
  }
}

async function makeDatabase(
  root: TempFolder,
  name: string,
  lines: readonly string[],
): Promise<void> {
  const args = ['-', '/tmp/database', `/etc/courier/${name}`];
  const input = `${lines.join('\n')}\n\n.\n`;
  const making = startInside(root, MAKE_DATABASE, { args, input });
  const { code } = await making.waitForExit();
  if (code !== 0) throw new Error(`makedatprog refused ${name}: ${making.output}`);
}
