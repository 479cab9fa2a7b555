/** LMTP at a worker: real TLS with client certificates, real mail store. */
import { writeFile } from 'node:fs/promises';
import { createCertificateAuthority, issueCertificate, type PemPair } from '@homeward/net/pki';
import type { SiteName } from '@homeward/directory';
import { connectRaw, createTempFolder, type RawClient, type TempFolder } from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askSmtp, openLmtp, readReply } from '../testing/smtp-client.ts';
import { openTestSite, type TestSite } from '../testing/test-site.ts';

const VALID = {
  notBefore: new Date(Date.now() - 86_400_000),
  notAfter: new Date(Date.now() + 86_400_000),
};

let folder: TempFolder;
let client: PemPair;
let stranger: PemPair;
let site: TestSite;

beforeAll(async () => {
  folder = await createTempFolder();
  const authority = await createCertificateAuthority({ name: 'deployment', ...VALID });
  const other = await createCertificateAuthority({ name: 'elsewhere', ...VALID });
  await writeFile(folder.join('ca.crt'), authority.cert);
  const request = { use: 'client', commonName: 'frontend:fe1', names: [], ...VALID } as const;
  client = await issueCertificate(authority, request);
  stranger = await issueCertificate(other, request);
  site = await openTestSite({ controlCaFile: folder.join('ca.crt') });
});
afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
  await folder?.remove();
});

const LETTER =
  'Return-Path: <old@x.test>\r\nReceived: from mta\r\nSubject: Hi\r\n\r\nHello.\r\n.\r\n';

async function sendTo(
  lmtp: RawClient,
  recipients: readonly string[],
): Promise<{ readonly judged: readonly string[]; readonly stored: readonly string[] }> {
  await askSmtp(lmtp, 'MAIL FROM:<writer@elsewhere.test>');
  const judged: string[] = [];
  for (const one of recipients) judged.push(await askSmtp(lmtp, `RCPT TO:<${one}>`));
  const taken = judged.filter((answer) => answer.startsWith('250')).length;
  if (taken === 0) {
    await askSmtp(lmtp, 'RSET');
    return { judged, stored: [] };
  }
  expect(await askSmtp(lmtp, 'DATA')).toMatch(/^354 /);
  await lmtp.send(LETTER);
  const stored: string[] = [];
  for (let count = 0; count < taken; count += 1) stored.push(await readReply(lmtp));
  return { judged, stored };
}

describe('the LMTP port', () => {
  it.each(['nobody', 'a stranger'])('is shut to %s', async (who) => {
    const pair = who === 'nobody' ? {} : { cert: stranger.cert, key: stranger.key };
    const tls = { ...site.clientTls, ...pair };
    const port = site.port('lmtps');
    const greeting = await connectRaw({ port, tls })
      .then(async (raw) => {
        await using opened = raw;
        return await opened.readLine();
      })
      .catch(() => 'cut off');
    expect(greeting).toBe('cut off');
  });

  it('delivers with trace and Return-Path, and answers for each recipient', async () => {
    const [anna, bruno] = [await site.addAccount(), await site.addAccount()];
    const full = await site.addAccount({ quotaBytes: 10 });
    await using lmtp = await openLmtp(site, client);
    const { judged, stored } = await sendTo(lmtp, [
      anna.address,
      'nobody@example.test',
      full.address,
      bruno.address,
    ]);
    expect(judged.map((answer) => answer.slice(0, 9))).toEqual([
      '250 2.1.5',
      '550 5.1.1',
      '552 5.2.2',
      '250 2.1.5',
    ]);
    expect(stored).toEqual([
      expect.stringMatching(/^250 2\.0\.0 Taken as \S{16}$/),
      expect.stringMatching(/^250 2\.0\.0 Taken as \S{16}$/),
    ]);
    await using imap = await site.openImap(bruno);
    await imap.expectOk('EXAMINE INBOX');
    const text = (await imap.expectOk('FETCH 1 BODY[]')).untagged.join('\r\n');
    expect(text).toContain(
      `Return-Path: <writer@elsewhere.test>\r\nDelivered-To: ${bruno.address}`,
    );
    expect(text).toMatch(/by dublin\.homeward\.test with LMTPS id \S{16};/);
    expect(text).not.toContain('old@x.test');
  });

  it('puts off what lives elsewhere by now, at another site or with a newer epoch', async () => {
    const oslo = await site.directory.getSite('dublin' as SiteName);
    if (oslo !== undefined) await site.directory.putSite({ ...oslo, name: 'oslo' as SiteName });
    const away = await site.addAccount({ home: 'oslo' as SiteName });
    const moving = await site.addAccount({ epoch: 3 });
    await (await site.openImap(moving)).close();
    await site.directory.replaceAccount({ ...moving, epoch: 2 }, moving.version);
    await using lmtp = await openLmtp(site, client);
    await expect
      .poll(async () => (await sendTo(lmtp, [away.address, moving.address])).judged, {
        timeout: 5_000,
      })
      .toEqual([expect.stringMatching(/^451 4\.4\.1 /), expect.stringMatching(/^451 4\.3\.2 /)]);
  });

  it('takes the null path, and refuses what goes in circles', async () => {
    const anna = await site.addAccount();
    await using lmtp = await openLmtp(site, client);
    expect(await askSmtp(lmtp, 'MAIL FROM:<>')).toMatch(/^250 /);
    await askSmtp(lmtp, `RCPT TO:<${anna.address}>`);
    await askSmtp(lmtp, 'DATA');
    await lmtp.send(`${'Received: by x\r\n'.repeat(100)}\r\nHello.\r\n.\r\n`);
    expect(await readReply(lmtp)).toMatch(/^554 5\.4\.6 /);
  });

  it('says LMTP, not SMTP', async () => {
    await using lmtp = await openLmtp(site, client);
    expect(await askSmtp(lmtp, 'EHLO me')).toMatch(/^500 /);
  });
});
