/** A Maildir of `homeward mailbox export`, served by a real Dovecot. */
import { chown, cp, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { formatMailbox } from '@homeward/imap/grammar';
import { sampleMessage } from '@homeward/samples';
import { connectRaw, startDovecot, type TestDovecot } from '@homeward/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestDeployment, type TestDeployment } from '../testing/test-deployment.ts';

let deployment: TestDeployment;
let dovecot: TestDovecot;
beforeAll(async () => {
  dovecot = await startDovecot();
  deployment = await startTestDeployment();
});
afterAll(async () => {
  await deployment?.[Symbol.asyncDispose]();
  await dovecot?.stop();
});

/** Copies an export to where Dovecot looks for the mail of an account, for its user. */
async function giveToDovecot(folder: string, user: string): Promise<void> {
  const target = dovecot.maildir(user);
  await cp(folder, target, { recursive: true, preserveTimestamps: true });
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(dovecot.maildir('anybody'));
  const entries = await readdir(target, { recursive: true });
  for (const entry of ['', ...entries]) await chown(join(target, entry), uid, gid);
}

it('Dovecot serves UIDs, flags, keywords, dates, folders and subscriptions of an export', async () => {
  const address = await deployment.addAccount();
  await deployment.withOwner(address, async (connection) => {
    const folder = formatMailbox('Work/Größe & co');
    await connection.run(`CREATE ${folder}`);
    await connection.run(`SUBSCRIBE ${folder}`);
    for (const [index, flags] of ['\\Seen $Label1', '', '\\Flagged NonJunk'].entries()) {
      const octets = sampleMessage(index, 2_000);
      const date = '"02-Feb-2020 03:04:05 +0000"';
      for (const path of ['INBOX', folder]) {
        await connection.runInvited(`APPEND ${path} (${flags}) ${date}`, octets.length, [octets]);
      }
    }
    await connection.run('SELECT INBOX');
    await connection.run('STORE 1 +FLAGS (\\Deleted)');
    await connection.run('EXPUNGE');
  });
  const exported = deployment.temp.join('export');
  await deployment.run('mailbox', 'export', address, exported, '--format', 'maildir');
  {
    await using anybody = await connectRaw({ port: dovecot.imapPort });
    await anybody.readLine();
    await anybody.expectOk(`LOGIN anybody ${dovecot.password}`);
    await anybody.expectOk('CREATE x');
  }
  await giveToDovecot(exported, 'anna');
  await using client = await connectRaw({ port: dovecot.imapPort });
  await client.readLine();
  await client.expectOk(`LOGIN anna ${dovecot.password}`);
  const items = '(UID FLAGS INTERNALDATE RFC822.SIZE)';
  for (const path of ['INBOX', '"Work/Gr&APYA3w-e &- co"']) {
    const bare = path.replaceAll('"', '');
    const ours = await deployment.withOwner(address, (connection) =>
      connection.run(`EXAMINE "${bare}"`),
    );
    const theirs = await client.expectOk(`EXAMINE ${path}`);
    const validity = (lines: readonly string[]): string | undefined =>
      lines.map((line) => /UIDVALIDITY \d+/.exec(line)?.[0]).find((found) => found !== undefined);
    expect(validity(theirs.untagged)).toBe(validity(ours.untagged));
    const fetched = await client.expectOk(`FETCH 1:* ${items}`);
    const stored = await deployment.fetch(address, bare, items);
    expect(fetched.untagged.flatMap(parseFetch)).toEqual(stored.flatMap(parseFetch));
    expect(stored.flatMap(parseFetch)).toHaveLength(path === 'INBOX' ? 2 : 3);
  }
  const listed = await client.expectOk('LSUB "" "*"');
  expect(listed.untagged.join('\n')).toContain('Work/Gr&APYA3w-e &- co');
});

/** Items of a FETCH in one form, whoever wrote them. */
function parseFetch(line: string): readonly object[] {
  const find = (pattern: RegExp): string => pattern.exec(line)?.[1] ?? '';
  if (!line.includes('FETCH')) return [];
  const flags = find(/FLAGS \(([^)]*)\)/)
    .split(' ')
    .filter((flag) => !['', '\\Recent'].includes(flag));
  const date = find(/INTERNALDATE "([^"]*)"/).replace(/^0/, ' ');
  return [{ uid: find(/UID (\d+)/), flags: flags.toSorted(), date, size: find(/SIZE (\d+)/) }];
}
