/** Real submission services as where accounts of another site send from: Postfix, and Dovecot before it. */
import { readFile, writeFile } from 'node:fs/promises';
import type { ForeignSite, SiteName } from '@homeward/directory';
import {
  createTempFolder,
  ensureDebianProgram,
  findFreePort,
  startDovecot,
  startPostfix,
  type RawClient,
  type TempFolder,
  type TestDovecot,
  type TestPostfix,
} from '@homeward/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createWorldCertificates,
  openFrontEndWorld,
  type FrontEndWorld,
  type WorldCertificates,
} from '../testing/front-end-world.ts';

const MASTER = { name: 'boss', password: 'master-pass' };

let dovecot: TestDovecot;
/** Of Dovecot's submission service, which passes on to Postfix. */
let submissionPort: number;
let secrets: TempFolder;
let postfix: TestPostfix;
let certificates: WorldCertificates;
let world: FrontEndWorld;

beforeAll(async () => {
  const [authPort, folderOfSecrets] = await Promise.all([
    findFreePort(),
    createTempFolder('secrets'),
    installSubmission(),
  ]);
  secrets = folderOfSecrets;
  await writeFile(secrets.join('boss'), `${MASTER.password}\n`, { mode: 0o600 });
  postfix = await startPostfix({
    relayHost: 'discard',
    config: `smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:${authPort}
smtpd_authorized_xclient_hosts = 127.0.0.0/8
smtpd_tls_auth_only = yes
`,
  });
  submissionPort = await findFreePort();
  dovecot = await startDovecot({
    trustsProxies: true,
    master: MASTER,
    config: `auth_failure_delay = 0
protocols = imap pop3 submission
submission_relay_host = 127.0.0.1
submission_relay_port = ${postfix.port}
service auth {
  inet_listener {
    address = 127.0.0.1
    port = ${authPort}
  }
}
service submission-login {
  chroot =
  inet_listener submission {
    port = ${submissionPort}
  }
}`,
  });
  certificates = await createWorldCertificates();
}, 300_000);
afterAll(async () => {
  await postfix?.stop();
  await dovecot?.stop();
  await secrets?.remove();
});
beforeEach(async () => {
  const master = { boss: { passwordFile: secrets.join('boss') } };
  world = await openFrontEndWorld({ certificates, homes: { secrets: master } });
});
afterEach(() => world[Symbol.asyncDispose]());

async function installSubmission(): Promise<void> {
  const found = await ensureDebianProgram({
    names: ['/usr/lib/dovecot/submission-login'],
    packages: ['dovecot-submissiond'],
  });
  if ('problem' in found) throw new Error(`Install dovecot-submissiond (${found.problem}).`);
}

async function useDovecot(changes: Partial<ForeignSite> = {}): Promise<void> {
  await usePostfix({
    submission: { hosts: [{ host: dovecot.host, port: submissionPort }], tls: 'starttls' },
    trust: { ca: await readFile(dovecot.caFile, 'utf8') },
    ...changes,
  });
}

async function usePostfix(changes: Partial<ForeignSite> = {}): Promise<void> {
  const { host, port } = postfix;
  await world.directory.putSite({
    name: 'old' as SiteName,
    serverName: 'localhost',
    workers: [],
    shardTable: { version: 1, workerOfShard: [] },
    foreign: {
      submission: { hosts: [{ host, port }], tls: 'starttls' },
      trust: { ca: await readFile(postfix.caFile, 'utf8') },
      login: { kind: 'pass-through' },
      loginName: '{local}',
      clientIdentity: 'protocol',
      ...changes,
    },
    version: 1,
  });
  await world.accounts.add({ address: 'bob@example.net', site: 'old', password: undefined });
}

async function logIn(password: string): Promise<{ client: RawClient; answer: string }> {
  const client = await world.connect('submissions', { localAddress: '127.0.0.77' });
  await client.readLine();
  await client.sendLine('EHLO phone.example');
  while ((await client.readLine()).startsWith('250-'));
  const secret = Buffer.from(`\0bob@example.net\0${password}`).toString('base64');
  await client.sendLine(`AUTH PLAIN ${secret}`);
  return { client, answer: await client.readLine() };
}

async function send(client: RawClient): Promise<string> {
  await client.send('MAIL FROM:<bob@example.net>\r\nRCPT TO:<x@example.org>\r\nDATA\r\n');
  await client.expectLine(/^250 /);
  await client.expectLine(/^250 /);
  await client.expectLine(/^354 /);
  await client.send('Subject: hello\r\n\r\n.. \r\n.\r\n');
  return client.readLine();
}

describe('Postfix', () => {
  it('takes a message by the client’s own password, and learns who the client is', async () => {
    await usePostfix();
    const { client, answer } = await logIn(dovecot.password);
    expect(answer).toBe('235 2.7.0 Logged in');
    const [, id = ''] = /^250 2\.0\.0 Ok: queued as (\w+)$/.exec(await send(client)) ?? [];
    const [line] = await postfix.waitForLine(new RegExp(`${id}: client=.*`));
    expect(line).toContain('[127.0.0.77]');
    expect(line).toContain('sasl_method=PLAIN, sasl_username=bob');
    await client.close();
  });

  it('is told nothing where the site says so', async () => {
    await usePostfix({ clientIdentity: 'none' });
    const { client } = await logIn(dovecot.password);
    const [, id = ''] = /queued as (\w+)$/.exec(await send(client)) ?? [];
    const [line] = await postfix.waitForLine(new RegExp(`${id}: client=.*`));
    expect(line).toContain('[127.0.0.1]');
    await client.close();
  });

  it('says itself that a password is wrong', async () => {
    await usePostfix();
    const { client, answer } = await logIn('wrong');
    expect(answer).toMatch(/^535 5\.7\.8 Authentication failed \(ref \w+\)$/);
    const event = world.log.events.findLast((one) => one.event.startsWith('login.'));
    expect(event?.fields['reason']).toBe('wrong-password');
    await client.close();
  });

  it('is not believed with another authority', async () => {
    await usePostfix({ trust: { ca: certificates.site.ca } });
    const { client, answer } = await logIn(dovecot.password);
    expect(answer).toMatch(/^454 4\.7\.0 /);
    const event = world.log.events.findLast((one) => one.event.startsWith('login.'));
    expect(event?.fields['reason']).toBe('site-tls-failed');
    await client.close();
  });
});

describe('Dovecot’s submission service', () => {
  it('takes a message, and learns who the client is', async () => {
    await useDovecot();
    const before = dovecot.output.length;
    const { client, answer } = await logIn(dovecot.password);
    expect(answer).toBe('235 2.7.0 Logged in');
    expect(await send(client)).toMatch(/^250 2\.0\.0 Ok: .*queued as \w+$/);
    await expect.poll(() => dovecot.output.slice(before)).toMatch(/Login: .*rip=127\.0\.0\.77/);
    await client.close();
  });

  it.each(['authzid', 'joined'] as const)('lets a master user in (%s)', async (form) => {
    await useDovecot({ login: { kind: 'master', user: MASTER.name, secret: 'boss', form } });
    await world.accounts.setPassword('bob@example.net', 'bobs own');
    const { client, answer } = await logIn('bobs own');
    expect(answer).toBe('235 2.7.0 Logged in');
    await client.close();
    const wrong = await logIn(dovecot.password);
    expect(wrong.answer).toMatch(/^535 5\.7\.8 /);
    await wrong.client.close();
  });

  it('says itself that a password is wrong', async () => {
    await useDovecot();
    const { client, answer } = await logIn('wrong');
    expect(answer).toMatch(/^535 5\.7\.8 Authentication failed \(ref \w+\)$/);
    await client.close();
  });
});
