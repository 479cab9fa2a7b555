/** Submission as a program meets it: nodemailer over both kinds of port, by password. */
import { createPasswordService, type AccountRecord } from '@homeward/directory';
import nodemailer from 'nodemailer';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestSite, type TestSite } from '../testing/test-site.ts';

const PASSWORD = 'correct horse';
let site: TestSite;
let anna: AccountRecord;
let bruno: AccountRecord;
beforeAll(async () => {
  site = await openTestSite({ directLogin: true });
  const argon2 = { memoryKib: 1024, passCount: 1, parallelism: 1 };
  const passwords = createPasswordService({ argon2 });
  const made = await passwords.createCredentialSet(PASSWORD);
  await passwords.close();
  if (!made.ok) throw new Error(made.reason);
  anna = await site.addAccount({}, made.credentials);
  bruno = await site.addAccount();
});
afterAll(() => site[Symbol.asyncDispose]());

it.each(['submissions', 'submission'] as const)('nodemailer sends by %s', async (name) => {
  const transport = nodemailer.createTransport({
    host: '127.0.0.1',
    port: site.port(name),
    secure: name === 'submissions',
    requireTLS: true,
    auth: { user: anna.address, pass: PASSWORD },
    tls: site.clientTls,
  });
  try {
    const sent = await transport.sendMail({
      from: { name: 'Anna', address: anna.address },
      to: bruno.address,
      bcc: anna.address,
      subject: `By ${name}`,
      text: 'Hello.\n.\n..dots',
      attachments: [{ filename: 'large.bin', content: Buffer.alloc(400_000, 7) }],
    });
    expect(sent.accepted).toEqual([bruno.address, anna.address]);
    expect(sent.response).toMatch(/^250 2\.0\.0 Taken as /);
  } finally {
    transport.close();
  }
  await using imap = await site.openImap(bruno);
  await imap.expectOk('EXAMINE INBOX');
  const { untagged } = await imap.expectOk('FETCH * (RFC822.SIZE BODY.PEEK[HEADER])');
  const text = untagged.join('\r\n');
  expect(text).toContain(`Subject: By ${name}`);
  expect(text).not.toContain('Bcc');
  expect(Number(/RFC822\.SIZE (\d+)/.exec(text)?.[1])).toBeGreaterThan(500_000);
});

it('a wrong password hears 535, and nodemailer that it is one', async () => {
  const transport = nodemailer.createTransport({
    host: '127.0.0.1',
    port: site.port('submissions'),
    secure: true,
    auth: { user: anna.address, pass: 'wrong' },
    tls: site.clientTls,
  });
  await expect(transport.verify()).rejects.toMatchObject({ code: 'EAUTH', responseCode: 535 });
  transport.close();
});
