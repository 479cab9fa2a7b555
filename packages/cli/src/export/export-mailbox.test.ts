/** `homeward mailbox export` as a process: what it writes, and that it can be imported again. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatMailbox } from '@homeward/imap/grammar';
import { sampleMessage } from '@homeward/samples';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emailIdOf } from '../import/message-content.ts';
import { EXIT_CODES } from '../output/operator-error.ts';
import { startTestDeployment, type TestDeployment } from '../testing/test-deployment.ts';

let deployment: TestDeployment;
let folderCount = 0;

beforeAll(async () => {
  deployment = await startTestDeployment();
});
afterAll(() => deployment[Symbol.asyncDispose]());

interface Put {
  readonly octets: Uint8Array;
  readonly flags?: string;
}

function put(address: string, folder: string, messages: readonly Put[]): Promise<void> {
  return deployment.withOwner(address, async (connection) => {
    if (folder !== 'INBOX') await connection.run(`CREATE ${formatMailbox(folder)}`);
    await connection.run(`SUBSCRIBE ${formatMailbox(folder)}`);
    for (const { octets, flags = '' } of messages) {
      const date = '"01-Feb-2024 09:11:12 +0000"';
      const command = `APPEND ${formatMailbox(folder)} (${flags}) ${date}`;
      const answer = await connection.runInvited(command, octets.length, [octets]);
      if (answer.status !== 'OK') throw new Error(answer.text);
    }
  });
}

function nextFolder(): string {
  folderCount += 1;
  return deployment.temp.join(`export-${folderCount}`);
}

interface Result {
  readonly exportedCount: number;
  readonly skippedCount: number;
  readonly inexactCount: number;
}

function save(address: string, folder: string, format: string, ...args: string[]): Promise<Result> {
  return deployment.json('mailbox', 'export', address, folder, '--format', format, ...args);
}

const text = (body: string): Buffer => Buffer.from(`Subject: x\r\n\r\n${body}`, 'latin1');
const TRICKY = text('From here\r\n>From there\r\n\r\nFrom a Thu Mar  5 10:20:30 2026\r\nb: c\r\n');

async function fill(address: string): Promise<void> {
  await put(address, 'INBOX', [
    { octets: sampleMessage(1, 3_000), flags: '\\Seen \\Flagged $Label1' },
    { octets: TRICKY, flags: '\\Answered \\Draft $Forwarded NonJunk' },
    {
      octets: Buffer.concat(
        [
          text(''),
          randomBytes(1_500_000)
            .toString('base64')
            .match(/.{1,76}/g)!
            .join('\r\n') + '\r\n',
        ].map((part) => Buffer.from(part)),
      ),
    },
  ]);
  await put(address, 'Projects/Größe & v1.2', [
    { octets: sampleMessage(4, 500), flags: '\\Deleted' },
  ]);
}

/** Flags and octets of each message of a folder. */
async function look(address: string, folder: string): Promise<readonly string[]> {
  const lines = await deployment.fetch(address, folder, '(FLAGS INTERNALDATE EMAILID)');
  return lines.map((line) => line.replace(' \\Recent', ''));
}

describe('homeward mailbox export to a Maildir', () => {
  it('writes flags, dates, keywords and folders, and all of it can be imported', async () => {
    const [address, folder] = [await deployment.addAccount(), nextFolder()];
    await fill(address);
    expect(await save(address, folder, 'maildir')).toMatchObject({
      exportedCount: 4,
      inexactCount: 0,
    });
    const names = (await readdir(join(folder, 'cur'))).toSorted();
    expect(names).toEqual([
      expect.stringMatching(/^1706778672\.U1V\d+\.homeward,S=\d+:2,FSa$/),
      expect.stringMatching(/:2,DPRb$/),
      expect.stringMatching(/:2,$/),
    ]);
    const [first = ''] = names;
    expect((await stat(join(folder, 'cur', first))).mtimeMs).toBe(Date.UTC(2024, 1, 1, 9, 11, 12));
    expect(emailIdOf(await readFile(join(folder, 'cur', names[1] ?? '')))).toBe(emailIdOf(TRICKY));
    expect(await readFile(join(folder, 'dovecot-keywords'), 'utf8')).toBe('0 $Label1\n1 NonJunk\n');
    expect(await readdir(join(folder, '.Projects.Gr&APYA3w-e &- v1_2/cur'))).toHaveLength(1);
    expect(await readdir(join(folder, 'tmp'))).toEqual([]);
    const copy = await deployment.addAccount();
    await deployment.run('mailbox', 'import', copy, folder);
    expect(await look(copy, 'INBOX')).toEqual(await look(address, 'INBOX'));
  });

  it('adds by a second run what is new, and brings flags up to date', async () => {
    const [address, folder] = [await deployment.addAccount(), nextFolder()];
    await put(address, 'INBOX', [
      { octets: sampleMessage(1, 900) },
      { octets: sampleMessage(2, 900) },
    ]);
    await save(address, folder, 'maildir');
    // One was cut short by a power failure, one has another flag meanwhile.
    const [first = '', second = ''] = (await readdir(join(folder, 'cur'))).toSorted();
    await truncate(join(folder, 'cur', second), 100);
    await put(address, 'INBOX', [{ octets: sampleMessage(3, 900) }]);
    await deployment.withOwner(address, async (connection) => {
      await connection.run('SELECT INBOX');
      await connection.run('STORE 1 +FLAGS (\\Seen)');
    });
    expect(await save(address, folder, 'maildir')).toMatchObject({
      exportedCount: 2,
      skippedCount: 1,
    });
    const names = (await readdir(join(folder, 'cur'))).toSorted();
    expect(names).toHaveLength(3);
    expect(names[0]).toBe(`${first}S`);
    const sizes = names.map(async (name) => (await stat(join(folder, 'cur', name))).size);
    expect(await Promise.all(sizes)).toEqual(
      [1, 2, 3].map((index) => sampleMessage(index, 900).length),
    );
  });

  it('writes LF if that is wanted, and says what that cannot keep', async () => {
    const [address, folder] = [await deployment.addAccount(), nextFolder()];
    await put(address, 'INBOX', [{ octets: TRICKY }, { octets: text('bare\nline\r\n') }]);
    expect(await save(address, folder, 'maildir', '--line-ends', 'lf')).toMatchObject({
      inexactCount: 1,
    });
    const [first = ''] = (await readdir(join(folder, 'cur'))).toSorted();
    const written = await readFile(join(folder, 'cur', first), 'latin1');
    expect(written).toBe(TRICKY.toString('latin1').replaceAll('\r\n', '\n'));
  });
});

describe('homeward mailbox export to mbox', () => {
  it('writes a file for each folder, and all of it can be imported', async () => {
    const [address, folder] = [await deployment.addAccount(), nextFolder()];
    await fill(address);
    expect(await save(address, folder, 'mbox')).toMatchObject({
      exportedCount: 4,
      inexactCount: 0,
    });
    const written = await readFile(join(folder, 'INBOX.mbox'), 'latin1');
    expect(written).not.toContain('\r');
    expect(written).toContain('Status: RO\nX-Status: F\nX-Keywords: $Label1\n');
    expect(written).toContain('\n>From here\n>>From there\n\n>From a Thu');
    expect(await readdir(join(folder, 'Projects'))).toEqual(['Größe & v1.2.mbox']);
    const copy = await deployment.addAccount();
    await deployment.run('mailbox', 'import', copy, folder);
    for (const path of ['INBOX', 'Projects/Gr&APYA3w-e &- v1.2']) {
      expect(await look(copy, path)).toEqual(await look(address, path));
    }
  });

  it('writes a folder again when it has changed, and not otherwise', async () => {
    const [address, folder] = [await deployment.addAccount(), nextFolder()];
    await put(address, 'INBOX', [{ octets: sampleMessage(1, 900) }]);
    await put(address, 'Work', [{ octets: sampleMessage(2, 900) }]);
    await save(address, folder, 'mbox');
    const before = await stat(join(folder, 'Work.mbox'));
    await put(address, 'INBOX', [{ octets: sampleMessage(3, 900) }]);
    expect(await save(address, folder, 'mbox')).toMatchObject({
      exportedCount: 2,
      skippedCount: 1,
    });
    expect((await stat(join(folder, 'Work.mbox'))).ino).toBe(before.ino);
    await truncate(join(folder, 'Work.mbox'), 10);
    expect(await save(address, folder, 'mbox')).toMatchObject({
      exportedCount: 1,
      skippedCount: 2,
    });
  });

  it('says which messages cannot be had back octet by octet', async () => {
    const [address, folder] = [await deployment.addAccount(), nextFolder()];
    const odd = [text('no end'), Buffer.from('Status: R\r\nSubject: x\r\n\r\n'), text('a\rb\r\n')];
    await put(address, 'INBOX', [
      ...odd.map((octets) => ({ octets })),
      { octets: text('fine\r\n') },
    ]);
    expect(await save(address, folder, 'mbox')).toMatchObject({
      exportedCount: 4,
      inexactCount: 3,
    });
    const report = await deployment.run(
      'mailbox',
      'export',
      address,
      nextFolder(),
      '--format',
      'mbox',
    );
    expect(report).toMatch(/3 of them cannot be had back octet by octet; see --line-ends\.\n$/);
  });
});

describe('homeward mailbox export', () => {
  it('chooses folders', async () => {
    const [address, folder] = [await deployment.addAccount(), nextFolder()];
    for (const path of ['Aa', 'Aa/B', 'C']) await put(address, path, [{ octets: text('') }]);
    const choice = ['--folder', 'Aa*', '--exclude', 'Aa'];
    expect(await save(address, folder, 'mbox', ...choice)).toMatchObject({
      folders: [{ path: 'Aa/B', file: 'Aa/B.mbox', exportedCount: 1 }],
    });
    const missing = ['mailbox', 'export', address, folder, '--format', 'mbox', '--folder', 'X'];
    expect(await deployment.homeward(missing)).toMatchObject({
      code: EXIT_CODES.refused,
      stderr: 'homeward: the account has no folder X\n',
    });
  });

  it('goes on when the site restarts in the middle', async () => {
    const [address, folder] = [await deployment.addAccount(), nextFolder()];
    await put(
      address,
      'INBOX',
      Array.from({ length: 60 }, (_, at) => ({ octets: sampleMessage(at, 400_000) })),
    );
    const args = ['mailbox', 'export', address, folder, '--format', 'maildir', '--json'];
    const exporting = deployment.homeward(args);
    await expect
      .poll(async () => (await readdir(join(folder, 'cur')).catch(() => [])).length, {
        timeout: 20_000,
        interval: 5,
      })
      .toBeGreaterThan(3);
    await deployment.stopSite();
    await deployment.startSite();
    const { code, stdout } = await exporting;
    expect(code).toBe(0);
    const { exportedCount, skippedCount } = JSON.parse(stdout) as Result;
    expect(exportedCount + skippedCount).toBe(60);
    expect(await readdir(join(folder, 'cur'))).toHaveLength(60);
  });

  it.each<[claim: string, prepare: (folder: string) => Promise<unknown>, message: RegExp]>([
    [
      'a folder with other things in it',
      (folder) => writeFile(join(folder, 'x'), ''),
      /is not empty and no export/,
    ],
    [
      'notes that it did not write',
      (folder) => writeFile(join(folder, 'homeward-export.json'), '{}'),
      /is not what an export has written/,
    ],
  ])('refuses %s', async (_claim, prepare, message) => {
    const [address, folder] = [await deployment.addAccount(), nextFolder()];
    await mkdir(folder);
    await prepare(folder);
    const result = await deployment.homeward([
      'mailbox',
      'export',
      address,
      folder,
      '--format',
      'mbox',
    ]);
    expect(result.code).not.toBe(0);
    expect(result.stderr).toMatch(message);
  });

  it('refuses a folder that holds another account’s, or another format', async () => {
    const [address, other, folder] = [
      await deployment.addAccount(),
      await deployment.addAccount(),
      nextFolder(),
    ];
    await save(address, folder, 'mbox');
    for (const [who, format] of [
      [other, 'mbox'],
      [address, 'maildir'],
    ] as const) {
      const args = ['mailbox', 'export', who, folder, '--format', format];
      const result = await deployment.homeward(args);
      expect(result).toMatchObject({ code: EXIT_CODES.refused, stdout: '' });
      expect(result.stderr).toMatch(/holds an export of user\d+@example\.org to mbox/);
    }
  });

  it('says where it cannot write, and leaves nothing that looks whole', async () => {
    const [address, folder] = [await deployment.addAccount(), nextFolder()];
    await put(address, 'INBOX', [{ octets: text('') }]);
    await save(address, folder, 'mbox');
    await put(address, 'INBOX', [{ octets: text('2') }]);
    // A folder where the draft would be.
    await mkdir(join(folder, 'INBOX.mbox.part'));
    const result = await deployment.homeward([
      'mailbox',
      'export',
      address,
      folder,
      '--format',
      'mbox',
    ]);
    expect(result).toMatchObject({ code: EXIT_CODES.cannotCreate, stdout: '' });
    expect(result.stderr).toMatch(/INBOX\.mbox cannot be written \(EISDIR\)/);
  });
});
