/** Importing from servers that drop connections, refuse messages, lie, or name things oddly. */
import { writeFile } from 'node:fs/promises';
import { sampleMessage } from '@homeward/samples';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../output/operator-error.ts';
import {
  type FakeFolder,
  type FakeImapServer,
  type FakeMessage,
  startFakeImapServer,
} from '../testing/fake-imap-server.ts';
import type { CommandResult } from '../testing/run-homeward.ts';
import { startTestDeployment, type TestDeployment } from '../testing/test-deployment.ts';

let deployment: TestDeployment;

beforeAll(async () => {
  deployment = await startTestDeployment();
});
afterAll(() => deployment[Symbol.asyncDispose]());

function load(
  server: FakeImapServer,
  target: string,
  ...args: readonly string[]
): Promise<CommandResult> {
  const source = ['--user', 'anna', '--no-tls', '--json'];
  const env = { HOMEWARD_IMPORT_PASSWORD: 'secret' };
  return deployment.homeward(['mailbox', 'import', target, server.url, ...source, ...args], {
    env,
  });
}

function messages(count: number, from = 0, bytes = 2_000): FakeMessage[] {
  return Array.from({ length: count }, (_, at) => ({
    octets: Buffer.from(sampleMessage(from + at, bytes)),
  }));
}

const inbox = (folder: FakeFolder): Readonly<Record<string, FakeFolder>> => ({ INBOX: folder });

describe('homeward mailbox import', () => {
  it('connects anew when the source drops it, and misses or doubles nothing', async () => {
    const target = await deployment.addAccount();
    await using server = await startFakeImapServer({
      folders: inbox({ messages: messages(60) }),
      cutAfterBytes: (connection) => (connection < 4 ? 50_000 : undefined),
      isAway: (connection) => connection === 3,
    });
    const { code, stdout, stderr } = await load(server, target);
    expect(JSON.parse(stdout)).toMatchObject({
      importedCount: 60,
      skippedCount: 0,
      failedCount: 0,
    });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^the connection to 127\.0\.0\.1:\d+ was lost.*; trying again in 1 s\n/);
    const stored = await deployment.fetch(target, 'INBOX', '(EMAILID)');
    expect(stored).toHaveLength(60);
    expect(new Set(stored).size).toBe(60);
  });

  it('connects anew when the site of the account restarts', async () => {
    const target = await deployment.addAccount();
    await using server = await startFakeImapServer({
      folders: inbox({ messages: messages(400, 0, 20_000) }),
    });
    const loading = load(server, target);
    await deployment.site.waitForLine(new RegExp(`session\\.started.*${target}`));
    await deployment.stopSite();
    await deployment.startSite();
    const { code, stdout } = await loading;
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ importedCount: 400, failedCount: 0 });
    const stored = await deployment.fetch(target, 'INBOX', '(EMAILID)');
    expect(new Set(stored).size).toBe(400);
    expect(stored).toHaveLength(400);
  });

  it('names messages that the source does not give, and brings the rest', async () => {
    const target = await deployment.addAccount();
    const some = messages(9);
    some[4] = { ...some[4]!, isBroken: true };
    await using server = await startFakeImapServer({ folders: inbox({ messages: some }) });
    const { code, stdout, stderr } = await load(server, target);
    expect(code).toBe(EXIT_CODES.refused);
    expect(JSON.parse(stdout)).toMatchObject({ importedCount: 8, failedCount: 1 });
    expect(stderr).toMatch(/^homeward: INBOX, UID 5: .*it is damaged here\n$/);
  });

  it('believes octets, not the sizes that it is told', async () => {
    const target = await deployment.addAccount();
    const [small, big] = [messages(1, 1, 500)[0]!, messages(1, 2, 1_500_000)[0]!];
    await using server = await startFakeImapServer({
      folders: inbox({
        messages: [
          { ...small, toldBytes: 3_000_000 },
          { ...big, toldBytes: 10 },
          { ...big, toldBytes: 1_200_000, flags: '\\Seen \\Odd Fine' },
        ],
      }),
    });
    expect(JSON.parse((await load(server, target)).stdout)).toMatchObject({ importedCount: 3 });
    const stored = await deployment.fetch(target, 'INBOX', '(RFC822.SIZE FLAGS)');
    expect(stored.map((line) => /SIZE (\d+)/.exec(line)?.[1])).toEqual(
      [small, big, big].map(({ octets }) => String(octets.length)),
    );
    expect(stored[2]).toMatch(/FLAGS \(\\Seen Fine( \\Recent)?\)/);
  });

  it('takes a message that goes between its pieces for none, and short pieces for no end', async () => {
    const target = await deployment.addAccount();
    const [gone, big] = [messages(1, 3, 1_500_000)[0]!, messages(1, 4, 1_500_000)[0]!];
    await using server = await startFakeImapServer({
      folders: inbox({
        messages: [
          { ...gone, goneFromByte: 600_000 },
          { ...big, mostBytes: 400_000 },
        ],
      }),
    });
    const { code, stdout, stderr } = await load(server, target);
    expect(code).toBe(EXIT_CODES.refused);
    expect(JSON.parse(stdout)).toMatchObject({ importedCount: 1, failedCount: 1 });
    expect(stderr).toMatch(/INBOX, UID 1: .*it went while it was being fetched/);
    const stored = await deployment.fetch(target, 'INBOX', '(RFC822.SIZE)');
    expect(stored.map((line) => /SIZE (\d+)/.exec(line)?.[1])).toEqual([String(big.octets.length)]);
  });

  it('does not fetch by a second run what its journal knows', async () => {
    const target = await deployment.addAccount();
    await using server = await startFakeImapServer({
      folders: inbox({ messages: messages(20, 50) }),
    });
    await load(server, target);
    const before = server.commands.length;
    expect(JSON.parse((await load(server, target)).stdout)).toMatchObject({ skippedCount: 20 });
    const fetches = server.commands.slice(before).filter((command) => /BODY\.PEEK/i.test(command));
    expect(fetches).toEqual([]);
  });

  it('takes another UIDVALIDITY for other messages', async () => {
    const target = await deployment.addAccount();
    const load1 = async (uidValidity: number, from: number): Promise<unknown> => {
      const folder = { messages: messages(3, from), uidValidity };
      await using server = await startFakeImapServer({ folders: inbox(folder) });
      return JSON.parse(
        (await load(server, target, '--journal', deployment.temp.join('j'))).stdout,
      );
    };
    expect(await load1(7, 0)).toMatchObject({ importedCount: 3 });
    expect(await load1(8, 10)).toMatchObject({ importedCount: 3, skippedCount: 0 });
    expect(await load1(7, 0)).toMatchObject({ importedCount: 0, skippedCount: 3 });
  });

  it('knows prefixes, separators and special uses', async () => {
    const target = await deployment.addAccount();
    const one = { messages: messages(1) };
    await using server = await startFakeImapServer({
      delimiter: '.',
      namespace: '(("INBOX." ".")) NIL NIL',
      folders: {
        INBOX: one,
        'INBOX.Sent Items': { ...one, attributes: '\\Sent' },
        'INBOX.Sent Items.2023': one,
        'INBOX.a/b.c': one,
        'INBOX.Parent': { ...one, attributes: '\\Noselect' },
      },
      capabilities: 'NAMESPACE SPECIAL-USE',
    });
    const { code, stdout } = await load(server, target);
    expect(code).toBe(0);
    const { folders } = JSON.parse(stdout) as { folders: { source: string; target: string }[] };
    expect(Object.fromEntries(folders.map(({ source, target: path }) => [source, path]))).toEqual({
      INBOX: 'INBOX',
      'INBOX.Sent Items': 'Sent',
      'INBOX.Sent Items.2023': 'Sent/2023',
      'INBOX.a/b.c': 'a_b/c',
    });
    expect(await deployment.fetch(target, 'Sent/2023', '(UID)')).toHaveLength(1);
    const plain = await load(server, target, '--no-special-use', '--dry-run');
    expect(JSON.parse(plain.stdout)).toMatchObject({
      folders: expect.arrayContaining(
        [{ source: 'INBOX.Sent Items', target: 'Sent Items' }].map(
          (row) => expect.objectContaining(row) as unknown,
        ),
      ),
    });
  });

  it('leaves folders of others out unless they are named', async () => {
    const target = await deployment.addAccount();
    const one = { messages: messages(1) };
    await using server = await startFakeImapServer({
      capabilities: 'NAMESPACE',
      namespace: '(("" "/")) (("Users/" "/")) (("Public/" "/"))',
      folders: {
        INBOX: one,
        'Users/bert': one,
        Public: one,
        'Public/News': one,
        Publications: one,
      },
    });
    const result = JSON.parse((await load(server, target)).stdout) as {
      folders: { source: string }[];
      leftOut: { name: string }[];
    };
    expect(result.folders.map(({ source }) => source).toSorted()).toEqual([
      'INBOX',
      'Publications',
    ]);
    expect(result.leftOut.map(({ name }) => name).toSorted()).toEqual([
      'Public',
      'Public/News',
      'Users/bert',
    ]);
    expect(
      JSON.parse((await load(server, target, '--folder', 'Public/News')).stdout),
    ).toMatchObject({ importedCount: 1, folders: [{ target: 'Public/News' }] });
  });

  it('brings from a folder of all mail what no other folder has', async () => {
    const target = await deployment.addAccount();
    const withId = (message: FakeMessage, at: number): FakeMessage => ({
      ...message,
      emailId: `g${at}`,
    });
    const all = messages(5).map(withId);
    await using server = await startFakeImapServer({
      capabilities: 'NAMESPACE SPECIAL-USE OBJECTID',
      folders: {
        Everything: { attributes: '\\All', messages: all },
        INBOX: { messages: all.slice(0, 2) },
        Starred: { attributes: '\\Flagged', messages: all.slice(0, 1) },
        Work: { messages: all.slice(1, 3) },
      },
    });
    for (const count of [2, 0]) {
      const { code, stdout } = await load(server, target);
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        folders: [
          { target: 'INBOX' },
          { target: 'Work' },
          { source: 'Everything', target: 'Archive', importedCount: count },
        ],
        leftOut: [{ name: 'Starred' }],
      });
    }
    expect(await deployment.fetch(target, 'Archive', '(UID)')).toHaveLength(2);
  });

  it('leaves a folder of all mail out where the source has no ids', async () => {
    const target = await deployment.addAccount();
    const folder = { messages: messages(1) };
    await using server = await startFakeImapServer({
      capabilities: 'SPECIAL-USE',
      folders: { INBOX: folder, Everything: { ...folder, attributes: '\\All' } },
    });
    expect(JSON.parse((await load(server, target)).stdout)).toMatchObject({
      folders: [{ source: 'INBOX' }],
      leftOut: [{ name: 'Everything' }],
    });
    expect(JSON.parse((await load(server, target, '--folder', 'Everything')).stdout)).toMatchObject(
      {
        folders: [{ source: 'Everything', target: 'Archive', importedCount: 1 }],
      },
    );
  });

  it('does not double what two folders of the source bring to one place', async () => {
    const target = await deployment.addAccount();
    const folder = { messages: messages(2) };
    await using server = await startFakeImapServer({ folders: { INBOX: folder, Copy: folder } });
    const map = ['--map', 'Copy=INBOX'];
    expect(JSON.parse((await load(server, target, ...map)).stdout)).toMatchObject({
      importedCount: 4,
    });
    expect(JSON.parse((await load(server, target, ...map)).stdout)).toMatchObject({
      importedCount: 0,
      skippedCount: 4,
    });
  });

  it('logs in by an access token', async () => {
    const target = await deployment.addAccount();
    const file = deployment.temp.join('token');
    await writeFile(file, 'ya29.token\n');
    await using server = await startFakeImapServer({
      capabilities: 'AUTH=XOAUTH2 SASL-IR',
      folders: inbox({ messages: messages(1) }),
    });
    const { code, stdout } = await load(server, target, '--access-token-file', file);
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 0, importedCount: 1 });
    const login = server.commands.find((command) => command.startsWith('AUTHENTICATE XOAUTH2 '));
    expect(Buffer.from(login?.split(' ')[2] ?? '', 'base64').toString()).toBe(
      'user=anna\x01auth=Bearer ya29.token\x01\x01',
    );
  });

  it('wants TLS unless it is told not to', async () => {
    const target = await deployment.addAccount();
    await using server = await startFakeImapServer({ folders: inbox({ messages: [] }) });
    const command = ['mailbox', 'import', target, server.url, '--user', 'anna'];
    const env = { HOMEWARD_IMPORT_PASSWORD: 'secret' };
    const { code, stderr } = await deployment.homeward(command, { env });
    expect(code).toBe(EXIT_CODES.unavailable);
    expect(stderr).toMatch(/STARTTLS; use imaps:\/\/, or go without TLS by --no-tls/);
    expect(server.commands.filter((line) => /LOGIN|AUTHENTICATE/i.test(line))).toEqual([]);
  });
});
