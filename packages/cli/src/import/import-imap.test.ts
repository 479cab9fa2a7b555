/** `homeward mailbox import` from a running server: a Homeward site, and one that misbehaves. */
import { randomBytes } from 'node:crypto';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { formatMailbox } from '@homeward/imap/grammar';
import { sampleMessage } from '@homeward/samples';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../output/operator-error.ts';
import type { CommandResult } from '../testing/run-homeward.ts';
import { startTestDeployment, type TestDeployment } from '../testing/test-deployment.ts';
import { emailIdOf } from './message-content.ts';

const PASSWORD = 'a password of the source';
let deployment: TestDeployment;

beforeAll(async () => {
  deployment = await startTestDeployment({ directLogin: true });
});
afterAll(() => deployment[Symbol.asyncDispose]());

interface Put {
  readonly flags?: string;
  readonly date?: string;
  readonly octets: Uint8Array;
}

/** Puts messages into an account's folder, which is made if it is not there. */
function put(address: string, folder: string, messages: readonly Put[]): Promise<void> {
  return deployment.withOwner(address, async (connection) => {
    if (folder !== 'INBOX') await connection.run(`CREATE ${formatMailbox(folder)}`);
    for (const { flags = '', date = '01-Jan-2024 10:00:00 +0000', octets } of messages) {
      const command = `APPEND ${formatMailbox(folder)} (${flags}) "${date}"`;
      const answer = await connection.runInvited(command, octets.length, [octets]);
      if (answer.status !== 'OK') throw new Error(answer.text);
    }
  });
}

function load(
  target: string,
  user: string,
  args: readonly string[] = [],
  password: string = PASSWORD,
): Promise<CommandResult> {
  const server = [deployment.imapsUrl, '--user', user, '--ca-file', deployment.caFile];
  const command = ['mailbox', 'import', target, ...server, '--server-name', 'mail.example.org'];
  return deployment.homeward([...command, ...args], {
    env: { HOMEWARD_IMPORT_PASSWORD: password },
  });
}

async function loadJson(
  target: string,
  user: string,
  ...args: readonly string[]
): Promise<{ importedCount: number; skippedCount: number; folders: { target: string }[] }> {
  const { code, stdout, stderr } = await load(target, user, [...args, '--json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Awaited<ReturnType<typeof loadJson>>;
}

const octetsOf = (count: number): Put[] =>
  Array.from({ length: count }, (_, index) => ({ octets: sampleMessage(index, 2_000) }));

describe('homeward mailbox import from a running server', () => {
  it('brings octets, flags, keywords, dates, folders and subscriptions', async () => {
    const source = await deployment.addPerson(PASSWORD);
    const target = await deployment.addAccount();
    await put(source, 'INBOX', [
      {
        octets: sampleMessage(1, 900),
        flags: '\\Seen $Label1',
        date: '02-Feb-2020 03:04:05 +0600',
      },
      { octets: sampleMessage(2, 900), flags: '\\Flagged \\Answered' },
    ]);
    await put(source, 'Projects/Größe & co', octetsOf(3));
    await put(source, 'Sent', octetsOf(1));
    await deployment.withOwner(source, async (connection) => {
      await connection.run(`SUBSCRIBE ${formatMailbox('Projects/Größe & co')}`);
    });
    const result = await loadJson(target, source);
    expect(result).toMatchObject({ importedCount: 6, skippedCount: 0, failures: [] });
    const items = '(FLAGS INTERNALDATE EMAILID)';
    expect(await deployment.fetch(target, 'INBOX', items)).toEqual([
      expect.stringMatching(/\\Seen \$Label1.*" 1-Feb-2020 21:04:05 \+0000"/),
      expect.stringMatching(/\\Answered \\Flagged/),
    ]);
    const inbox = await deployment.fetch(target, 'INBOX', '(EMAILID)');
    expect(inbox[0]).toContain(emailIdOf(sampleMessage(1, 900)));
    expect(await deployment.fetch(target, 'Sent', '(UID)')).toHaveLength(1);
    const subscribed = await deployment.withOwner(target, (connection) =>
      connection.run('LSUB "" "Projects/*"'),
    );
    expect(subscribed.untagged).toEqual([expect.stringContaining('Gr&APYA3w-e &- co')]);
  });

  it('adds only what is missing, with or without its journal', async () => {
    const source = await deployment.addPerson(PASSWORD);
    const target = await deployment.addAccount();
    // Twice the same octets: both are wanted.
    await put(source, 'INBOX', [...octetsOf(30), ...octetsOf(1)]);
    expect(await loadJson(target, source)).toMatchObject({ importedCount: 31 });
    await put(source, 'INBOX', [{ octets: sampleMessage(77, 500) }]);
    expect(await loadJson(target, source)).toMatchObject({ importedCount: 1, skippedCount: 31 });
    const journals = deployment.temp.join('imports');
    expect((await readdir(journals)).length).toBeGreaterThan(0);
    await rm(journals, { recursive: true });
    expect(await loadJson(target, source)).toMatchObject({ importedCount: 0, skippedCount: 32 });
    expect(await loadJson(target, source, '--no-journal')).toMatchObject({ skippedCount: 32 });
    expect(await deployment.fetch(target, 'INBOX', '(UID)')).toHaveLength(32);
  });

  it('takes big messages through a file, octet by octet', async () => {
    const source = await deployment.addPerson(PASSWORD);
    const target = await deployment.addAccount();
    const body = randomBytes(2_200_000)
      .toString('base64')
      .replaceAll(/(.{76})/g, '$1\r\n');
    const big = Buffer.from(`Subject: big\r\n\r\n${body}\r\n`);
    await put(source, 'INBOX', [
      { octets: sampleMessage(1, 300) },
      { octets: big },
      ...octetsOf(2),
    ]);
    expect(await loadJson(target, source)).toMatchObject({ importedCount: 4 });
    const stored = await deployment.fetch(target, 'INBOX', '(EMAILID RFC822.SIZE)');
    expect(stored[1]).toContain(emailIdOf(big));
    expect(stored[1]).toContain(`RFC822.SIZE ${big.length}`);
  });

  it('chooses and maps folders, and tells beforehand what would go where', async () => {
    const source = await deployment.addPerson(PASSWORD);
    const target = await deployment.addAccount();
    for (const folder of ['Work', 'Work/2024', 'Lists/a', 'Lists/b']) {
      await put(source, folder, octetsOf(2));
    }
    const choice = ['--folder', 'Work*', '--folder', 'Lists/*', '--exclude', 'Lists/b'];
    const dry = await loadJson(target, source, ...choice, '--map', 'Work=Old/Job', '--dry-run');
    expect(dry).toMatchObject({
      dryRun: true,
      folders: [
        { source: 'Lists/a', target: 'Lists/a', exists: false, messageCount: 2 },
        { source: 'Work', target: 'Old/Job' },
        { source: 'Work/2024', target: 'Old/Job/2024' },
      ],
    });
    await expect(deployment.fetch(target, 'Old/Job', '(UID)')).rejects.toThrow(/NONEXISTENT/);
    await loadJson(target, source, ...choice, '--map', 'Work=Old/Job');
    expect(await deployment.fetch(target, 'Old/Job/2024', '(UID)')).toHaveLength(2);
    await expect(deployment.fetch(target, 'Lists/b', '(UID)')).rejects.toThrow(/NONEXISTENT/);
    const misspelt = await load(target, source, ['--folder', 'Wrok']);
    expect(misspelt.code).toBe(EXIT_CODES.refused);
    expect(misspelt.stderr).toMatch(/the source has no folder Wrok; it has: .*Work/);
  });

  it.each<[claim: string, args: readonly string[], code: number, message: RegExp]>([
    [
      'a certificate of nobody known',
      ['--ca-file', '/dev/null'],
      69,
      /cannot be reached: .*certificate/i,
    ],
    ['another name in the certificate', ['--server-name', 'other.example'], 69, /--server-name/],
    ['a CA file that is not there', ['--ca-file', '/nowhere'], EXIT_CODES.badData, /ENOENT/],
    [
      'a secret from two places',
      ['--password-stdin', '--password-file', 'x'],
      64,
      /cannot be used/,
    ],
    [
      'a password file that is not there',
      ['--password-file', '/nowhere'],
      65,
      /--password-file: .*ENOENT/,
    ],
    ['TLS and no TLS', ['--no-tls'], EXIT_CODES.usage, /--no-tls: give the address as imap:/],
  ])('refuses %s', async (_claim, args, code, message) => {
    const target = await deployment.addAccount();
    const result = await load(target, 'nobody', args);
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toMatch(message);
  });

  it('says that the login was refused, and never the password', async () => {
    const source = await deployment.addPerson(PASSWORD);
    const result = await load(source, source, [], 'quite wrong');
    expect(result.code).toBe(EXIT_CODES.refused);
    expect(result.stderr).toMatch(/refused the login of .*check user and password/);
    expect(result.stderr).not.toContain('quite wrong');
  });

  it('goes on without a journal where none can be kept', async () => {
    const source = await deployment.addPerson(PASSWORD);
    const target = await deployment.addAccount();
    await put(source, 'INBOX', octetsOf(1));
    await writeFile(deployment.temp.join('a-file'), '');
    const result = await load(target, source, ['--journal', deployment.temp.join('a-file')]);
    expect(result).toMatchObject({ code: 0, stdout: expect.stringContaining('1 imported') });
    expect(result.stderr).toMatch(/^No journal is kept .*See --journal\.\n$/);
  });
});
