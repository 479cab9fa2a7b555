/**
 * A real Postfix for tests against peers: a private one on free ports of the loopback address, its
 * queue in a temporary folder. By itself it takes mail for anybody from this host and finds nobody
 * to give it to: the options say what it is for.
 */
import { once } from 'node:events';
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { ensureDebianProgram } from './debian-program.ts';
import { findFreePort } from './free-port.ts';
import { type RunningProcess, startProcess } from './process-runner.ts';
import { createTempFolder, type TempFolder } from './temp-folder.ts';
import { createTestCertificate } from './test-certificate.ts';

/** What it is for. */
export interface PostfixOptions {
  /** Domains whose mail goes to `lmtp`, a `host:port` that is asked about each recipient. */
  readonly domains?: readonly string[];
  readonly lmtp?: string;
  /** Where all other mail goes: `[host]:port`, or `discard`. Without it nowhere. */
  readonly relayHost?: string;
  /** Lines that are added to `main.cf`; the last one of a name counts, with a warning. */
  readonly config?: string;
}

/** A Postfix that answers. `await using` stops it. */
export interface TestPostfix extends AsyncDisposable {
  readonly host: string;
  /** Offers STARTTLS, and all that Postfix offers by itself. */
  readonly port: number;
  /** Of its certificate, which is for localhost and 127.0.0.1. PEM. */
  readonly caFile: string;
  /** Tries at once what waits in its queue. */
  flush(): Promise<void>;
  /** Ids of the messages in its queue. */
  listQueue(): Promise<readonly string[]>;
  /** Waits for a line of its log, from before too. */
  waitForLine(pattern: RegExp): Promise<RegExpExecArray>;
  /** Of the process that all the others descend from. */
  readonly pid: number;
  /** What it has logged. */
  readonly output: string;
  stop(): Promise<void>;
}

const PROGRAM = { names: ['/usr/sbin/postfix'], packages: ['postfix'] };
const startAttempts = 5;
const connectAttempts = 250;
const connectPauseMs = 20;

/** @throws Error with one sentence that says what to do, if there is no Postfix. */
export async function startPostfix(options: PostfixOptions = {}): Promise<TestPostfix> {
  const found = await ensureDebianProgram(PROGRAM);
  if ('problem' in found) {
    throw new Error(`Tests against peers need Postfix: install postfix (${found.problem}).`);
  }
  if (process.getuid?.() !== 0) throw new Error('Postfix starts for root alone.');
  const folder = await createTempFolder('postfix');
  await writeFolder(folder);
  const { server, port } = await startOnFreePort(found.path, folder, options);
  const run = (...args: readonly string[]): Promise<unknown> =>
    startProcess(found.path, { args: ['-c', folder.join('etc'), ...args] }).waitForExit();
  const stop = async (): Promise<void> => {
    await run('stop');
    await server.stop();
    await folder.remove();
  };
  return {
    host: '127.0.0.1',
    port,
    caFile: folder.join('ca.pem'),
    pid: server.pid,
    flush: async () => void (await run('flush')),
    listQueue: () => listQueue(folder),
    waitForLine: (pattern) => server.waitForLine(pattern),
    get output() {
      return server.output;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Small queues are not spread over folders of folders. */
async function listQueue(folder: TempFolder): Promise<readonly string[]> {
  const queues = ['incoming', 'active', 'deferred'].map((name) =>
    readdir(folder.join('spool', name), { recursive: true }),
  );
  // Folders are single digits.
  return (await Promise.all(queues)).flat().filter((name) => name.length > 3);
}

async function writeFolder(folder: TempFolder): Promise<void> {
  const certificate = await createTestCertificate();
  await writeFile(folder.join('ca.pem'), certificate.ca);
  await writeFile(folder.join('cert.pem'), certificate.cert);
  await writeFile(folder.join('key.pem'), certificate.key, { mode: 0o600 });
  // Its processes run as others than who starts it.
  await chmod(folder.path, 0o755);
  for (const name of ['etc', 'spool', 'data']) await mkdir(folder.join(name), { mode: 0o755 });
  const owner = startProcess('chown', { args: ['postfix', folder.join('data')] });
  await owner.waitForExit();
}

/** Another process may take a port between the look and the start; then another one serves. */
async function startOnFreePort(
  program: string,
  folder: TempFolder,
  options: PostfixOptions,
): Promise<{ readonly server: RunningProcess; readonly port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await findFreePort();
    await writeFile(folder.join('etc', 'main.cf'), formatMain(folder, options));
    await writeFile(folder.join('etc', 'master.cf'), formatMaster(port));
    // It opens its output anew as a file, which works for a pipe and not for Node's sockets.
    const script = '"$0" -c "$1" start-fg 2>&1 | cat';
    const server = startProcess('sh', { args: ['-c', script, program, folder.join('etc')] });
    try {
      await server.waitForLine(/daemon started/);
      await waitForPort(port);
      return { server, port };
    } catch (error) {
      await server.stop();
      const isTaken = error instanceof Error && /Address already in use/.test(error.message);
      if (!isTaken || attempt === startAttempts) throw error;
    }
  }
}

/** It says that it has started a moment before it listens. */
async function waitForPort(port: number): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch (error) {
      if (attempt === connectAttempts) throw error;
      await setTimeout(connectPauseMs);
    } finally {
      socket.destroy();
    }
  }
}

function formatMain(folder: TempFolder, options: PostfixOptions): string {
  const {
    domains = [],
    lmtp,
    relayHost = 'error:5.4.4 there is no way out',
    config = '',
  } = options;
  const isHost = relayHost.startsWith('[');
  return `compatibility_level = 3.6
queue_directory = ${folder.join('spool')}
data_directory = ${folder.join('data')}
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
maillog_file = /dev/stdout
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mta.example.net
mydestination =
local_recipient_maps =
local_transport = error:5.1.1 nobody lives here
alias_maps =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_tls_security_level = may
smtpd_tls_cert_file = ${folder.join('cert.pem')}
smtpd_tls_key_file = ${folder.join('key.pem')}
smtputf8_enable = yes
${isHost ? 'relayhost' : 'default_transport'} = ${relayHost}
virtual_mailbox_domains = ${domains.join(', ')}
virtual_mailbox_maps =
virtual_transport = ${lmtp === undefined ? 'error' : `lmtp:inet:${lmtp}`}
${config}
`;
}

/** Nothing in a chroot; no pickup, since mail comes by SMTP alone. */
function formatMaster(port: number): string {
  return `127.0.0.1:${port} inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
lmtp unix - - n - - lmtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
showq unix n - n - - showq
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
`;
}
