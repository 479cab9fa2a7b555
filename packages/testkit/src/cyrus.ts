/**
 * A real Cyrus IMAP server for tests against peers: a private one on free ports of the loopback
 * address, with its mail in a temporary folder. It is unpacked and not installed, since Debian
 * has one IMAP server at a time.
 */
import { chmod, chown, mkdir, readdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { findFreePort } from './free-port.ts';
import { startProcess, type RunningProcess } from './process-runner.ts';
import { createTempFolder, type TempFolder } from './temp-folder.ts';
import { createTestCertificate } from './test-certificate.ts';
import { ensureUnpackedPackages } from './unpacked-packages.ts';
import { waitForPort } from './wait-for-port.ts';

/** How it is set up. */
export interface CyrusOptions {
  /** Whose mailboxes are there from their first login on. */
  readonly users: readonly string[];
  /** May open every mailbox, by PLAIN's authorization identity (`proxyservers`). */
  readonly proxy?: { readonly name: string; readonly password: string };
  /** Lines that are added to imapd.conf. */
  readonly config?: string;
}

/** A Cyrus that answers. `await using` stops it. */
export interface TestCyrus extends AsyncDisposable {
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
const startAttempts = 3;
/** Where it runs as others than who starts it. Every Debian has the user. */
const SERVER_USER = { name: 'mail', uid: 8, gid: 8 };

/** @throws Error with one sentence that says what to do, if there is no Cyrus. */
export async function startCyrus(options: CyrusOptions): Promise<TestCyrus> {
  const programs = await findPrograms();
  const folder = await createTempFolder('cyrus');
  try {
    await layOut(folder, programs, options);
    const { server, ports } = await startOnFreePorts(folder, programs);
    const stop = async (): Promise<void> => {
      await server.stop();
      await folder.remove();
    };
    return {
      ...ports,
      host: '127.0.0.1',
      caFile: folder.join('ca.pem'),
      password: PASSWORD,
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await folder.remove();
    throw error;
  }
}

interface Programs {
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
}

async function findPrograms(): Promise<Programs> {
  const found = await ensureUnpackedPackages({
    name: 'cyrus',
    packages: ['cyrus-common', 'cyrus-imapd', 'cyrus-pop3d', 'sasl2-bin'],
    libraries: [
      ...['libclamav12', 'libical3', 'libpcre3', 'libpq5', 'libxapian30', 'libzephyr4'],
      ...['libwrap0', 'libsasl2-modules', 'libsasl2-modules-db'],
    ],
  });
  if ('problem' in found) {
    throw new Error(
      `Tests against peers need Cyrus, which is unpacked for them (${found.problem}).`,
    );
  }
  const root = found.path;
  const folders = await readdir(`${root}/usr/lib`);
  const triplet = folders.find((name) => name.endsWith('-linux-gnu')) ?? '';
  return { root, env: { LD_LIBRARY_PATH: `${root}/usr/lib/${triplet}` } };
}

async function layOut(
  folder: TempFolder,
  programs: Programs,
  { users, proxy, config = '' }: CyrusOptions,
): Promise<void> {
  const certificate = await createTestCertificate();
  await writeFile(folder.join('ca.pem'), certificate.ca);
  await writeFile(folder.join('cert.pem'), certificate.cert);
  await writeFile(folder.join('key.pem'), certificate.key, { mode: 0o640 });
  const serverUser = isRoot() ? SERVER_USER.name : userInfo().username;
  await writeFile(folder.join('imapd.conf'), formatConfig(folder, serverUser, proxy?.name, config));
  for (const user of users) await addUser(folder, programs, user, PASSWORD);
  if (proxy !== undefined) await addUser(folder, programs, proxy.name, proxy.password);
  for (const name of ['conf', 'conf/socket', 'spool', 'run']) await mkdir(folder.join(name));
  if (!isRoot()) return;
  const { uid, gid } = SERVER_USER;
  await chmod(folder.path, 0o755);
  for (const name of await readdir(folder.path, { recursive: true })) {
    await chown(folder.join(name), uid, gid);
  }
}

async function addUser(
  folder: TempFolder,
  { root, env }: Programs,
  name: string,
  password: string,
): Promise<void> {
  const args = ['-f', folder.join('sasldb2'), '-c', '-p', name];
  const adding = startProcess(`${root}/usr/sbin/saslpasswd2`, { args, env, input: password });
  const { code } = await adding.waitForExit();
  if (code !== 0) throw new Error(`saslpasswd2 refused ${name}: ${adding.output}`);
}

const PORTS = ['imapPort', 'imapsPort', 'pop3Port', 'pop3sPort'] as const;
type Ports = Readonly<Record<(typeof PORTS)[number], number>>;

/** It does not end where a port is taken; then it is started once more on others. */
async function startOnFreePorts(
  folder: TempFolder,
  programs: Programs,
): Promise<{ readonly server: RunningProcess; readonly ports: Ports }> {
  for (let attempt = 1; ; attempt += 1) {
    const found: [string, number][] = [];
    for (const name of PORTS) found.push([name, await findFreePort()]);
    const ports = Object.fromEntries(found) as Ports;
    await writeFile(folder.join('cyrus.conf'), formatServices(folder, programs, ports));
    const config = ['-C', folder.join('imapd.conf'), '-M', folder.join('cyrus.conf')];
    const server = startProcess(`${programs.root}/usr/lib/cyrus/bin/master`, {
      // -D keeps it in the foreground.
      args: [...config, '-p', folder.join('run', 'pid'), '-D'],
      env: programs.env,
    });
    try {
      for (const name of PORTS) await waitForPort(ports[name]);
      return { server, ports };
    } catch (error) {
      await server.stop();
      if (attempt === startAttempts) throw error;
    }
  }
}

function formatServices(folder: TempFolder, { root }: Programs, ports: Ports): string {
  const command = (name: string, options = ''): string =>
    `cmd="${root}/usr/lib/cyrus/bin/${name} -C ${folder.join('imapd.conf')}${options}"`;
  const at = (port: number): string => `listen="127.0.0.1:${port}"`;
  return `START {
  recover ${command('ctl_cyrusdb', ' -r')}
}
SERVICES {
  imap ${command('imapd')} ${at(ports.imapPort)}
  imaps ${command('imapd', ' -s')} ${at(ports.imapsPort)}
  pop3 ${command('pop3d')} ${at(ports.pop3Port)}
  pop3s ${command('pop3d', ' -s')} ${at(ports.pop3sPort)}
}
DAEMON {
  idled ${command('idled')}
}
`;
}

function formatConfig(
  folder: TempFolder,
  serverUser: string,
  proxy: string | undefined,
  config: string,
): string {
  const run = (name: string): string => folder.join('run', name);
  return `configdirectory: ${folder.join('conf')}
defaultpartition: default
partition-default: ${folder.join('spool')}
cyrus_user: ${serverUser}
admins: administrator
${proxy === undefined ? '' : `proxyservers: ${proxy}\n`}autocreate_users: anyone
autocreate_quota: 0
autocreate_post: 1
allowplaintext: yes
failedloginpause: 0
sasl_mech_list: PLAIN LOGIN
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: ${folder.join('sasldb2')}
tls_server_cert: ${folder.join('cert.pem')}
tls_server_key: ${folder.join('key.pem')}
idlesocket: ${run('idle')}
lmtpsocket: ${run('lmtp')}
notifysocket: ${run('notify')}
temp_path: ${run('')}
mboxname_lockpath: ${run('lock')}
proc_path: ${run('proc')}
${config}
`;
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}
