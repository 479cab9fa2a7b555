/**
 * The ways of mail beyond one worker: to another one by LMTP with certificates on both sides, to the
 * outside by a smart host, back to its sender, and what waits while nobody is there.
 */
import { writeFile } from 'node:fs/promises';
import type { AccountRecord, GroupId } from '@homeward/directory';
import { createCertificateAuthority, issueCertificate } from '@homeward/net/pki';
import { type MailSink, openMailSink } from '@homeward/mail-sink';
import { createTempFolder, type TempFolder } from '@homeward/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { relaySchema } from '@homeward/smart-hosts';
import { queueSchema } from './queue-schema.ts';
import { askSmtp, openSubmission, readReply, submit } from '../testing/smtp-client.ts';
import { openTestSite, TEST_SERVER_NAME, type TestSite } from '../testing/test-site.ts';

const VALID = {
  notBefore: new Date(Date.now() - 86_400_000),
  notAfter: new Date(Date.now() + 86_400_000),
};

let folder: TempFolder;
let sink: MailSink;
let certificate: { readonly ca: string; readonly cert: string; readonly key: string };
let site: TestSite;
let anna: AccountRecord;
let bruno: AccountRecord;

beforeAll(async () => {
  folder = await createTempFolder();
  const authority = await createCertificateAuthority({ name: 'deployment', ...VALID });
  const request = { use: 'client', commonName: 'site:dublin', names: [], ...VALID } as const;
  const pair = await issueCertificate(authority, request);
  const names = [TEST_SERVER_NAME];
  const server = { use: 'server', commonName: 'dublin', names, ...VALID } as const;
  certificate = { ca: authority.cert, ...(await issueCertificate(authority, server)) };
  await writeFile(folder.join('client-ca.crt'), authority.cert);
  await writeFile(folder.join('control.crt'), pair.cert);
  await writeFile(folder.join('control.key'), pair.key);
  sink = await openMailSink({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await sink?.close();
  await folder?.remove();
});

beforeEach(async () => {
  const controlPair = {
    certFile: folder.join('control.crt'),
    keyFile: folder.join('control.key'),
  };
  site = await openTestSite({
    workerCount: 2,
    certificate,
    changes: {
      relay: relaySchema.parse({ smartHosts: [smartHost(sink.port)] }),
      queue: queueSchema.parse({ retryMaxMinutes: 0.01 }),
    },
    controlCaFile: folder.join('client-ca.crt'),
    controlPair,
  });
  await site.announceLmtp();
  anna = await site.addAccount({ id: site.nextAccountId(0) });
  bruno = await site.addAccount({
    id: site.nextAccountId(1),
    address: 'bruno@example.test',
    names: ['bruno@example.test'],
  });
});
afterEach(async () => {
  await site[Symbol.asyncDispose]();
});

const smartHost = (port: number) => ({ host: '127.0.0.1', port, tls: 'off' }) as const;

const letter = (from: string, subject: string): string =>
  [`From: ${from}`, `Subject: ${subject}`, '', 'Hello.'].join('\r\n');

/** Subjects in the inbox. */
async function subjectsOf(account: AccountRecord): Promise<readonly string[]> {
  await using imap = await site.openImap(account);
  await imap.expectOk('EXAMINE INBOX');
  const { untagged } = await imap.command('FETCH 1:* BODY.PEEK[HEADER.FIELDS (SUBJECT)]');
  return [...untagged.join('\r\n').matchAll(/^Subject: (.*)$/gm)].map(
    ([, subject]) => subject ?? '',
  );
}

it('to another worker is there a moment later, with both traces', async () => {
  await using client = await openSubmission(site, anna, { sid: 'way-1' });
  const answer = await submit(client, anna.address, [bruno.address], letter(anna.address, 'Over'));
  expect(answer).toMatch(/^250 /);
  await expect.poll(() => subjectsOf(bruno), { timeout: 10_000 }).toEqual(['Over']);
  await using imap = await site.openImap(bruno);
  await imap.expectOk('EXAMINE INBOX');
  const text = (await imap.expectOk('FETCH 1 BODY.PEEK[]')).untagged.join('\r\n');
  expect(text.match(/^Received: /gm)).toHaveLength(2);
  expect(text).toMatch(/with LMTPS id[^]*with ESMTPA id way-1\.1;/);
  expect(text).toContain(`Return-Path: <${anna.address}>`);
});

it('to a worker that is away waits, and loses nothing when both are started again', async () => {
  await site.stopWorker(1);
  await using client = await openSubmission(site, anna);
  await submit(client, anna.address, [bruno.address], letter(anna.address, 'Later'));
  await expect
    .poll(() => site.log.filter(({ event }) => event === 'delivery.unfinished').length, {
      timeout: 10_000,
    })
    .toBeGreaterThan(0);
  await client.close();
  await site.stopWorker(0);
  await site.start();
  await site.announceLmtp();
  await expect.poll(() => subjectsOf(bruno), { timeout: 20_000 }).toEqual(['Later']);
});

it('to the outside goes by the smart host, and comes back if nobody is there', async () => {
  await using client = await openSubmission(site, anna);
  const to = ['carla@elsewhere.test', 'nobody@elsewhere.test', anna.address];
  expect(await submit(client, anna.address, to, letter(anna.address, 'Out'))).toMatch(/^250 /);
  await expect.poll(() => subjectsOf(anna), { timeout: 10_000 }).toHaveLength(2);
  expect((await subjectsOf(anna))[0]).toBe('Out');
  const sunk = sink.messages.kept.at(-1);
  expect(sunk?.recipients).toEqual(['carla@elsewhere.test']);
  await using imap = await site.openImap(anna);
  await imap.expectOk('EXAMINE INBOX');
  const notice = (await imap.expectOk('FETCH 2 BODY.PEEK[]')).untagged.join('\r\n');
  expect(notice).toContain('Return-Path: <>');
  expect(notice).toMatch(/From: .*postmaster@example\.test/);
  expect(notice).toContain('nobody@elsewhere.test');
  expect(notice).toContain('Status: 5.1.1');
});

it('a mailbox that is full by the time has its sender told', async () => {
  const full = await site.addAccount({ id: site.nextAccountId(0), quotaBytes: 600 });
  await using client = await openSubmission(site, anna);
  const big = `${letter(anna.address, 'Big')}\r\n${'x'.repeat(900)}`;
  expect(await submit(client, anna.address, [full.address, anna.address], big)).toMatch(/^250 /);
  await expect.poll(() => subjectsOf(anna), { timeout: 10_000 }).toHaveLength(2);
  expect(await subjectsOf(full)).toEqual([]);
});

it('that reaches a mailbox here is reported to a sender who asked for that', async () => {
  await using client = await openSubmission(site, anna);
  const dora = await site.addAccount({ id: site.nextAccountId(0) });
  for (const command of [
    `MAIL FROM:<${anna.address}> ENVID=QQ314`,
    `RCPT TO:<${dora.address}> NOTIFY=SUCCESS ORCPT=rfc822;dora@first.test`,
    'DATA',
  ]) {
    expect(await askSmtp(client, command)).toMatch(/^[23]5\d /);
  }
  await client.send(`${letter(anna.address, 'Told')}\r\n.\r\n`);
  expect(await readReply(client)).toMatch(/^250 /);
  await expect.poll(() => subjectsOf(dora), { timeout: 10_000 }).toEqual(['Told']);
  await expect.poll(() => subjectsOf(anna), { timeout: 10_000 }).toHaveLength(1);
  await using imap = await site.openImap(anna);
  await imap.expectOk('EXAMINE INBOX');
  const notice = (await imap.expectOk('FETCH 1 BODY.PEEK[]')).untagged.join('\r\n');
  expect(notice).toContain('Original-Envelope-Id: QQ314');
  expect(notice).toContain('Original-Recipient: rfc822; dora@first.test');
  expect(notice).toContain('Action: delivered');
});

it('a group has members at every place, and each gets one', async () => {
  await site.directory.addGroup({
    id: 'g1' as GroupId,
    address: 'all@example.test',
    names: ['all@example.test'],
    displayName: undefined,
    members: [
      { kind: 'account', id: anna.id },
      { kind: 'account', id: bruno.id },
      { kind: 'address', address: 'dora@elsewhere.test' },
    ],
    senders: { kind: 'anybody' },
    version: 1,
    createdAtMs: 0,
  });
  await using client = await openSubmission(site, anna);
  const to = ['all@example.test', bruno.address];
  expect(await submit(client, anna.address, to, letter(anna.address, 'All'))).toMatch(/^250 /);
  await expect.poll(() => subjectsOf(bruno), { timeout: 10_000 }).toEqual(['All']);
  expect(await subjectsOf(anna)).toEqual(['All']);
  await expect
    .poll(() => sink.messages.kept.at(-1)?.recipients, { timeout: 10_000 })
    .toEqual(['dora@elsewhere.test']);
});

it('a message that was taken outlives a stop between two attempts', async () => {
  await site.directory.setSetting('relay.smartHosts', [{ host: '127.0.0.1', port: 1, tls: 'off' }]);
  await using client = await openSubmission(site, anna);
  await submit(client, anna.address, ['eve@elsewhere.test'], letter(anna.address, 'Kept'));
  await client.close();
  await site.stop();
  await site.directory.setSetting('relay.smartHosts', undefined);
  await site.start();
  await expect
    .poll(() => sink.messages.kept.at(-1)?.recipients, { timeout: 20_000 })
    .toEqual(['eve@elsewhere.test']);
});
