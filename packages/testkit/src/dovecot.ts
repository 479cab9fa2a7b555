/**
 * A real Dovecot for tests against peers: a private one on free ports of the loopback address,
 * with Maildirs in a temporary folder. Any login name is an account of its own.
 */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { ensureDebianProgram } from './debian-program.ts';
import { findFreePort } from './free-port.ts';
import { type RunningProcess, startProcess } from './process-runner.ts';
import { createTempFolder, type TempFolder } from './temp-folder.ts';
import { createTestCertificate } from './test-certificate.ts';

/** How it is set up. */
export interface DovecotOptions {
  /** Between the levels of a folder's path; "/" unless given. */
  readonly separator?: '/' | '.';
  /** Of the personal namespace, such as "INBOX."; none unless given. */
  readonly prefix?: string;
  /** Folders lie in each other, and not beside each other as Maildir++ has it. */
  readonly layout?: 'fs';
  /**
   * Every address of the loopback network may say who the client is: by ID, by XCLIENT, and on
   * `imapProxiedPort` and `pop3ProxiedPort` by a PROXY header.
   */
  readonly trustsProxies?: boolean;
  /** May open every account, as `account*name` or by PLAIN's authorization identity. */
  readonly master?: { readonly name: string; readonly password: string };
  /** Lines that are added to its configuration. */
  readonly config?: string;
}

/** A Dovecot that answers. `await using` stops it. */
export interface TestDovecot extends AsyncDisposable {
  readonly host: string;
  readonly imapPort: number;
  readonly imapsPort: number;
  readonly pop3Port: number;
  readonly pop3sPort: number;
  /** Where a PROXY header is expected; TLS is offered behind it. */
  readonly imapProxiedPort: number;
  readonly pop3ProxiedPort: number;
  /** Of its certificate, which is for localhost. PEM. */
  readonly caFile: string;
  /** Of every account. */
  readonly password: string;
  /** The Maildir of an account, which is there after its first login. */
  maildir(user: string): string;
  /** What it has logged. */
  readonly output: string;
  stop(): Promise<void>;
}

const PASSWORD = 'pass-for-tests';
const startAttempts = 5;

/** @throws Error with one sentence that says what to do, if there is no Dovecot. */
export async function startDovecot(options: DovecotOptions = {}): Promise<TestDovecot> {
  const found = await ensureDebianProgram({
    names: ['dovecot'],
    packages: ['dovecot-core', 'dovecot-imapd', 'dovecot-pop3d'],
  });
  if ('problem' in found) {
    throw new Error(
      `Tests against peers need Dovecot: install dovecot-imapd and dovecot-pop3d (${found.problem}).`,
    );
  }
  await ensurePop3();
  const folder = await createTempFolder('dovecot');
  const certificate = await createTestCertificate();
  await writeFile(folder.join('ca.pem'), certificate.ca);
  await writeFile(folder.join('cert.pem'), certificate.cert);
  await writeFile(folder.join('key.pem'), certificate.key, { mode: 0o600 });
  const { master } = options;
  if (master !== undefined) {
    const line = `${master.name}:{PLAIN}${master.password}\n`;
    await writeFile(folder.join('masters'), line, { mode: 0o644 });
  }
  // Its workers run as others than who starts it.
  await mkdir(folder.join('mail'), { mode: 0o777 });
  await chmod(folder.path, 0o755);
  await chmod(folder.join('mail'), 0o777);
  const { server, ports } = await startOnFreePorts(found.path, folder, options);
  const stop = async (): Promise<void> => {
    server.signal('SIGTERM');
    await server.waitForExit();
    await server.stop();
    await folder.remove();
  };
  return {
    ...ports,
    host: '127.0.0.1',
    caFile: folder.join('ca.pem'),
    password: PASSWORD,
    maildir: (user) => folder.join('mail', user),
    get output() {
      return server.output;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Dovecot may have been installed without it. */
async function ensurePop3(): Promise<void> {
  const found = await ensureDebianProgram({
    names: ['/usr/lib/dovecot/pop3-login'],
    packages: ['dovecot-pop3d'],
  });
  if ('problem' in found) {
    throw new Error(`Tests against peers need Dovecot: install dovecot-pop3d (${found.problem}).`);
  }
}

const PORTS = [
  'imapPort',
  'imapsPort',
  'pop3Port',
  'pop3sPort',
  'imapProxiedPort',
  'pop3ProxiedPort',
] as const;
type Ports = Readonly<Record<(typeof PORTS)[number], number>>;

async function findPorts(): Promise<Ports> {
  const found = new Set<number>();
  while (found.size < PORTS.length) found.add(await findFreePort());
  const numbers = [...found];
  return Object.fromEntries(PORTS.map((name, index) => [name, numbers[index]])) as Ports;
}

/** Another process may take a port between the look and the start; then others serve. */
async function startOnFreePorts(
  program: string,
  folder: TempFolder,
  options: DovecotOptions,
): Promise<{ readonly server: RunningProcess; readonly ports: Ports }> {
  const file = folder.join('dovecot.conf');
  for (let attempt = 1; ; attempt += 1) {
    const ports = await findPorts();
    await writeFile(file, formatConfig(folder, ports, options));
    const server = startProcess(program, { args: ['-F', '-c', file] });
    try {
      await server.waitForLine(/starting up/);
      return { server, ports };
    } catch (error) {
      await server.stop();
      const isTaken = error instanceof Error && /Address already in use/.test(error.message);
      if (!isTaken || attempt === startAttempts) throw error;
    }
  }
}

function formatConfig(folder: TempFolder, ports: Ports, options: DovecotOptions): string {
  const { separator = '/', prefix = '', layout, config = '', master } = options;
  const isRoot = process.getuid?.() === 0;
  const { username } = userInfo();
  const mailUser = isRoot ? 'dovecot' : username;
  const users = isRoot
    ? ''
    : `default_internal_user = ${username}
default_login_user = ${username}
default_internal_group =
service anvil { chroot = }
`;
  return `${users}protocols = imap pop3
listen = 127.0.0.1
base_dir = ${folder.join('run')}
state_dir = ${folder.join('run')}
log_path = /dev/stderr
ssl = yes
ssl_cert = <${folder.join('cert.pem')}
ssl_key = <${folder.join('key.pem')}
disable_plaintext_auth = no
auth_mechanisms = plain login
first_valid_uid = 0
mail_location = maildir:${folder.join('mail', '%u')}${layout === undefined ? '' : `:LAYOUT=${layout}`}
mail_max_userip_connections = 0
${options.trustsProxies === true ? TRUST : ''}${master === undefined ? '' : formatMaster(folder)}passdb {
  driver = static
  args = password=${PASSWORD}
}
userdb {
  driver = static
  args = uid=${mailUser} gid=${isRoot ? 'dovecot' : String(userInfo().gid)} home=${folder.join('mail', '%u')}
}
namespace inbox {
  inbox = yes
  separator = ${separator}
  prefix = ${prefix}
  mailbox "Sent Items" {
    auto = no
    special_use = \\Sent
  }
  mailbox Entwürfe {
    auto = no
    special_use = \\Drafts
  }
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${ports.imapPort}
  }
  inet_listener imaps {
    port = ${ports.imapsPort}
    ssl = yes
  }
  inet_listener imap_proxied {
    port = ${ports.imapProxiedPort}
    haproxy = yes
  }
}
service pop3-login {
  chroot =
  inet_listener pop3 {
    port = ${ports.pop3Port}
  }
  inet_listener pop3s {
    port = ${ports.pop3sPort}
    ssl = yes
  }
  inet_listener pop3_proxied {
    port = ${ports.pop3ProxiedPort}
    haproxy = yes
  }
}
${config}
`;
}

const TRUST = `login_trusted_networks = 127.0.0.0/8
haproxy_trusted_networks = 127.0.0.0/8
`;

function formatMaster(folder: TempFolder): string {
  return `auth_master_user_separator = *
passdb {
  driver = passwd-file
  master = yes
  args = ${folder.join('masters')}
}
`;
}
