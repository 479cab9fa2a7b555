/** `homeward mailbox import` from a real Dovecot. */
import { readFile } from 'node:fs/promises';
import { sampleMessage } from '@homeward/samples';
import { connectRaw, type RawClient, startDovecot, type TestDovecot } from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestDeployment, type TestDeployment } from '../testing/test-deployment.ts';
import { emailIdOf } from './message-content.ts';

let deployment: TestDeployment;
beforeAll(async () => {
  deployment = await startTestDeployment();
});
afterAll(() => deployment?.[Symbol.asyncDispose]());

async function logIn(dovecot: TestDovecot, user: string): Promise<RawClient> {
  const client = await connectRaw({ port: dovecot.imapPort });
  await client.readLine();
  await client.expectOk(`LOGIN ${user} ${dovecot.password}`);
  return client;
}

async function append(
  client: RawClient,
  folder: string,
  octets: Uint8Array,
  flags = '',
): Promise<void> {
  await client.send(
    `a APPEND ${folder} (${flags}) "02-Feb-2020 03:04:05 +0600" {${octets.length}+}\r\n`,
  );
  await client.send(octets);
  await client.send('\r\n');
  expect((await client.readUntilTagged('a')).status).toBe('OK');
}

interface Result {
  readonly importedCount: number;
  readonly skippedCount: number;
  readonly folders: readonly { readonly source: string; readonly target: string }[];
}

function load(
  dovecot: TestDovecot,
  user: string,
  target: string,
  ...args: readonly string[]
): Promise<Result> {
  const url = `imaps://localhost:${dovecot.imapsPort}`;
  const server = [url, '--user', user, '--ca-file', dovecot.caFile];
  return deployment.json('mailbox', 'import', target, ...server, ...args);
}

describe.each([
  { separator: '/', prefix: '' },
  { separator: '.', prefix: 'INBOX.' },
] as const)(
  'homeward mailbox import from Dovecot with "$separator" and "$prefix"',
  ({ separator, prefix }) => {
    let dovecot: TestDovecot;
    beforeAll(async () => {
      dovecot = await startDovecot({ separator, prefix });
      process.env['HOMEWARD_IMPORT_PASSWORD'] = dovecot.password;
    });
    afterAll(() => dovecot?.stop());

    it('brings everything, and a second time what is new', async () => {
      const target = await deployment.addAccount();
      await using client = await logIn(dovecot, 'anna');
      const name = (...levels: string[]): string => `"${prefix}${levels.join(separator)}"`;
      await client.expectOk(`CREATE ${name('Sent Items')}`);
      await client.expectOk(`CREATE ${name('Entw&APw-rfe')}`);
      await client.expectOk(`CREATE ${name('Work', '2024')}`);
      await client.expectOk(`SUBSCRIBE ${name('Work', '2024')}`);
      await append(client, 'INBOX', sampleMessage(1, 4_000), '\\Seen \\Answered $Label1');
      await append(client, 'INBOX', sampleMessage(2, 3_000_000), '\\Flagged');
      await append(client, name('Sent Items'), sampleMessage(3, 4_000));
      await append(client, name('Entw&APw-rfe'), sampleMessage(4, 4_000), '\\Draft');
      await append(client, name('Work', '2024'), sampleMessage(5, 4_000));
      const first = await load(dovecot, 'anna', target);
      expect(first).toMatchObject({ importedCount: 5, skippedCount: 0 });
      expect(first.folders.map(({ target: path }) => path).toSorted()).toEqual(
        expect.arrayContaining(['Drafts', 'INBOX', 'Sent', 'Work/2024']),
      );
      const stored = await deployment.fetch(target, 'INBOX', '(FLAGS INTERNALDATE EMAILID)');
      expect(stored).toEqual([
        expect.stringMatching(/\(\\Answered \\Seen \$Label1.*" 1-Feb-2020 21:04:05 \+0000"/),
        expect.stringContaining(emailIdOf(sampleMessage(2, 3_000_000))),
      ]);
      const subscribed = await deployment.withOwner(target, (connection) =>
        connection.run('LSUB "" "Work/*"'),
      );
      expect(subscribed.untagged).toEqual([expect.stringContaining('Work/2024')]);
      await append(client, 'INBOX', sampleMessage(6, 4_000));
      expect(await load(dovecot, 'anna', target)).toMatchObject({
        importedCount: 1,
        skippedCount: 5,
      });
      expect(await load(dovecot, 'anna', target, '--no-journal')).toMatchObject({
        skippedCount: 6,
      });
    });

    it('speaks STARTTLS, and does not without it', async () => {
      const target = await deployment.addAccount();
      await using client = await logIn(dovecot, 'bert');
      await append(client, 'INBOX', sampleMessage(7, 4_000));
      const url = `imap://localhost:${dovecot.imapPort}`;
      const args = [
        'mailbox',
        'import',
        target,
        url,
        '--user',
        'bert',
        '--ca-file',
        dovecot.caFile,
      ];
      expect(await deployment.json(...args)).toMatchObject({ importedCount: 1 });
      expect(dovecot.output).toMatch(/Login: user=<bert>.*TLS/);
      expect(await readFile(dovecot.caFile, 'utf8')).toContain('CERTIFICATE');
    });
  },
);
