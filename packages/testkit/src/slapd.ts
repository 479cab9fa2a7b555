/**
 * A real OpenLDAP server for tests against peers: a private one on free ports of the loopback
 * address, its data in a temporary folder. It knows inetOrgPerson, and of Active Directory the
 * attributes by which mail servers find people.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { ensureDebianProgram } from './debian-program.ts';
import { findFreePort } from './free-port.ts';
import { type RunningProcess, startProcess } from './process-runner.ts';
import { createTempFolder, type TempFolder } from './temp-folder.ts';
import { createTestCertificate, type TestCertificate } from './test-certificate.ts';
import { waitForPort } from './wait-for-port.ts';

/** How it is set up. */
export interface SlapdOptions {
  /** Entries below `base`, each a block of LDIF; `base` itself and `ou=people` are there. */
  readonly entries?: readonly string[];
  /** For localhost and 127.0.0.1; servers of one group have one. Its own unless given. */
  readonly certificate?: TestCertificate;
  /** Lines that are added to its configuration of the database. */
  readonly config?: string;
}

/** A server that answers. `await using` stops it. */
export interface TestSlapd extends AsyncDisposable {
  /** `ldap://`, with StartTLS. */
  readonly url: string;
  /** `ldaps://`. */
  readonly secureUrl: string;
  /** Of its certificate, which is for localhost and 127.0.0.1. PEM. */
  readonly caFile: string;
  readonly base: string;
  /** Who may search. */
  readonly serviceDn: string;
  readonly servicePassword: string;
  /** It has the password, and goes with the server. */
  readonly servicePasswordFile: string;
  /** Changes entries, as ldapmodify reads it (LDIF change records). */
  modify(ldif: string): Promise<void>;
  /** kill -9; settles when it is gone. */
  kill(): Promise<void>;
  /** Starts it on the same ports, after `kill`, with its data. */
  restart(): Promise<void>;
  /** Connections stay open, nothing answers from when this settles. */
  freeze(): Promise<void>;
  /** Lets it go on after `freeze`. */
  thaw(): void;
  /** What it has logged. */
  readonly output: string;
  stop(): Promise<void>;
}

const BASE = 'dc=example,dc=org';
const SERVICE_DN = `cn=service,${BASE}`;
const SERVICE_PASSWORD = 'service-for-tests';
const ROOT_DN = `cn=root,${BASE}`;
const ROOT_PASSWORD = 'root-for-tests';
const startAttempts = 5;

/** @throws Error with one sentence that says what to do, if there is no slapd. */
export async function startSlapd(options: SlapdOptions = {}): Promise<TestSlapd> {
  const program = await ensureProgram({ names: ['slapd'], packages: ['slapd'] });
  const modifier = await ensureProgram({ names: ['ldapmodify'], packages: ['ldap-utils'] });
  const folder = await createTempFolder('slapd');
  const certificate = options.certificate ?? (await createTestCertificate());
  await writeFile(folder.join('ca.pem'), certificate.ca);
  await writeFile(folder.join('cert.pem'), certificate.cert);
  await writeFile(folder.join('key.pem'), certificate.key, { mode: 0o600 });
  await writeFile(folder.join('password'), `${SERVICE_PASSWORD}\n`, { mode: 0o600 });
  await mkdir(folder.join('data'));
  await writeFile(folder.join('slapd.conf'), formatConfig(folder, options));
  const { ports, server } = await startOnFreePorts(program, folder);
  let running = server;
  const url = `ldap://127.0.0.1:${ports.plain}`;
  const modify = (ldif: string): Promise<void> => runModify(modifier, url, ldif);
  const stop = async (): Promise<void> => {
    await running.stop();
    await folder.remove();
  };
  try {
    await modify([TOP_ENTRIES, ...(options.entries ?? [])].map(toAdd).join('\n\n'));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    secureUrl: `ldaps://127.0.0.1:${ports.secure}`,
    caFile: folder.join('ca.pem'),
    base: BASE,
    serviceDn: SERVICE_DN,
    servicePassword: SERVICE_PASSWORD,
    servicePasswordFile: folder.join('password'),
    modify,
    kill: () => running.stop(),
    restart: async () => {
      await running.stop();
      running = await startOnPorts(program, folder, ports);
    },
    freeze: () => running.freeze(),
    thaw: () => running.signal('SIGCONT'),
    get output() {
      return running.output;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function ensureProgram(program: {
  readonly names: readonly string[];
  readonly packages: readonly string[];
}): Promise<string> {
  const found = await ensureDebianProgram(program);
  if ('path' in found) return found.path;
  const name = program.packages.join(' ');
  throw new Error(`Tests against peers need OpenLDAP: install ${name} (${found.problem}).`);
}

interface Ports {
  readonly plain: number;
  readonly secure: number;
}

/** Another process may take a port between the look and the start; then others serve. */
async function startOnFreePorts(
  program: string,
  folder: TempFolder,
): Promise<{ readonly ports: Ports; readonly server: RunningProcess }> {
  for (let attempt = 1; ; attempt += 1) {
    const ports = { plain: await findFreePort(), secure: await findFreePort() };
    try {
      return { ports, server: await startOnPorts(program, folder, ports) };
    } catch (error) {
      const isTaken = error instanceof Error && /already in use/.test(error.message);
      if (!isTaken || attempt === startAttempts) throw error;
    }
  }
}

async function startOnPorts(
  program: string,
  folder: TempFolder,
  { plain, secure }: Ports,
): Promise<RunningProcess> {
  const urls = `ldap://127.0.0.1:${plain}/ ldaps://127.0.0.1:${secure}/`;
  const server = startProcess(program, {
    // -d keeps it in the foreground; 0x100 is one line for each operation.
    args: ['-f', folder.join('slapd.conf'), '-h', urls, '-d', '0x100'],
  });
  try {
    await server.waitForLine(/slapd starting/);
    // It says so a moment before it listens.
    await waitForPort(plain);
    await waitForPort(secure);
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function runModify(program: string, url: string, ldif: string): Promise<void> {
  const args = ['-x', '-H', url, '-D', ROOT_DN, '-w', ROOT_PASSWORD];
  const modifying = startProcess(program, { args, input: `${ldif}\n` });
  const { code } = await modifying.waitForExit();
  if (code !== 0) throw new Error(`ldapmodify refused: ${modifying.output}`);
}

/** A block of LDIF without a change type adds its entries. */
function toAdd(ldif: string): string {
  return ldif
    .trim()
    .split(/\n\n+/)
    .map((entry) => entry.replace(/^(dn::? .*)$/m, '$1\nchangetype: add'))
    .join('\n\n');
}

const TOP_ENTRIES = `
dn: ${BASE}
objectClass: domain
dc: example

dn: ou=people,${BASE}
objectClass: organizationalUnit
ou: people

dn: ${SERVICE_DN}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: service
userPassword: ${SERVICE_PASSWORD}
`;

/** Active Directory's, by their own OIDs; there they are of other classes. */
const AD_SCHEMA = `
attributetype ( 1.2.840.113556.1.4.221 NAME 'sAMAccountName'
  EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.656 NAME 'userPrincipalName'
  EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.8 NAME 'userAccountControl'
  EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.302 NAME 'sAMAccountType'
  EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.2 NAME 'objectGUID'
  EQUALITY octetStringMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.146 NAME 'objectSid'
  EQUALITY octetStringMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.2.210 NAME 'proxyAddresses'
  EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
attributetype ( 1.3.6.1.4.1.4203.666.1.900 NAME 'homewardSite'
  EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.4203.666.1.901 NAME 'homewardEnabled'
  EQUALITY booleanMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.7 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.4203.666.1.902 NAME 'homewardProtocol'
  EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
objectclass ( 1.3.6.1.4.1.4203.666.3.900 NAME 'mailPerson' SUP top AUXILIARY
  MAY ( sAMAccountName $ userPrincipalName $ userAccountControl $ sAMAccountType $ objectGUID
    $ objectSid $ proxyAddresses $ homewardSite $ homewardEnabled $ homewardProtocol ) )
`;

function formatConfig(folder: TempFolder, { config = '' }: SlapdOptions): string {
  return `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
${AD_SCHEMA}
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile ${folder.join('slapd.pid')}
TLSCACertificateFile ${folder.join('ca.pem')}
TLSCertificateFile ${folder.join('cert.pem')}
TLSCertificateKeyFile ${folder.join('key.pem')}
database mdb
suffix "${BASE}"
rootdn "${ROOT_DN}"
rootpw ${ROOT_PASSWORD}
directory ${folder.join('data')}
dbnosync
maxsize 33554432
index objectClass,entryUUID,uid,mail eq
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="${SERVICE_DN}" read by self read by * none
${config}
`;
}
