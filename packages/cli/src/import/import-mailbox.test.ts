/** `homeward mailbox import` as a process, into a real site: whole, again, and interrupted. */
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { sampleMessage } from '@homeward/samples';
import { startProcess } from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../output/operator-error.ts';
import { type CommandResult, LAUNCHER } from '../testing/run-homeward.ts';
import { startTestDeployment, type TestDeployment } from '../testing/test-deployment.ts';
import { openDeployment } from '../wiring.ts';
import type { SourceFolder } from './import-source.ts';
import { ImportTarget } from './import-target.ts';
import { contentOf } from './message-content.ts';
import { runImport } from './run-import.ts';
import { createSoleConnector } from './sole-import.ts';

let deployment: TestDeployment;

beforeAll(async () => {
  deployment = await startTestDeployment({ siteConfig: 'limits:\n  messageBytes: 50000\n' });
});
afterAll(() => deployment[Symbol.asyncDispose]());

function homeward(...args: readonly string[]): Promise<CommandResult> {
  return deployment.homeward(args);
}

/** Flags and EMAILID of each message of a folder, as IMAP gives them. */
function readFolder(address: string, folder: string): Promise<readonly string[]> {
  return deployment.fetch(address, folder, '(FLAGS EMAILID)');
}

async function writeMbox(name: string, messages: readonly Uint8Array[]): Promise<string> {
  const file = deployment.temp.join(name);
  await writeFile(file, '');
  for (const octets of messages) {
    const text = Buffer.from(octets).toString('latin1').replaceAll('\r\n', '\n');
    const quoted = text.replaceAll(/^(>*From )/gm, '>$1');
    await appendFile(file, `From a Thu Mar  5 10:20:30 2026\n${quoted}\n`, 'latin1');
  }
  return file;
}

describe('homeward mailbox import', () => {
  it('imports every octet once, however often it runs', async () => {
    const address = await deployment.addAccount();
    const messages = Array.from({ length: 120 }, (_, index) => sampleMessage(index, 3_000));
    const file = await writeMbox('whole.mbox', [...messages, messages[0]!]);
    const first = await homeward('mailbox', 'import', address, file, '--json');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(first.stdout)).toMatchObject({ importedCount: 121, skippedCount: 0 });
    const ids = messages.map((octets) => {
      const digest = createHash('sha256').update(octets).digest().subarray(0, 20);
      return `EMAILID (M${digest.toString('base64url')})`;
    });
    const stored = await readFolder(address, 'INBOX');
    expect(stored.map((line) => /EMAILID \([^)]+\)/.exec(line)?.[0])).toEqual([...ids, ids[0]]);
    const again = await homeward('mailbox', 'import', address, file);
    expect(again.stdout).toBe(`${address}: 0 imported, 121 there already, from 1 folder(s).\n`);
  });

  it('goes on where it was interrupted', async () => {
    const address = await deployment.addAccount();
    const messages = Array.from({ length: 600 }, (_, index) => sampleMessage(index, 2_000));
    const file = await writeMbox('long.mbox', messages);
    const args = ['--', LAUNCHER, 'mailbox', 'import', address, file];
    await using interrupted = startProcess(process.execPath, {
      args: [...args, '--config', deployment.configFile],
    });
    await deployment.site.waitForLine(new RegExp(`session\\.started.*${address}`));
    interrupted.kill('SIGKILL');
    await interrupted.waitForExit();
    // What it had sent already may still be being appended.
    const { stdout } = await homeward('mailbox', 'import', address, file, '--json');
    const { importedCount, skippedCount } = JSON.parse(stdout) as Record<string, number>;
    expect(importedCount! + skippedCount!).toBe(600);
    const stored = await readFolder(address, 'INBOX');
    expect(stored).toHaveLength(600);
    expect(new Set(stored).size).toBe(600);
  });

  it('ends another that goes on, before it looks what is there', async () => {
    const address = await deployment.addAccount();
    const [one, two] = [sampleMessage(1, 1_000), sampleMessage(2, 1_000)];
    const file = await writeMbox('both.mbox', [one, two]);
    const other: Record<string, number>[] = [];
    const folder: SourceFolder = {
      name: 'INBOX',
      levels: ['INBOX'],
      specialUse: undefined,
      isSubscribed: false,
      leaveOut: undefined,
      stepCount: 2,
      messageCount: 2,
      sizeBytes: undefined,
      async *messages() {
        const from = { flags: [], receivedMs: undefined };
        yield { ...from, place: '1', content: contentOf(one) };
        other.push(await deployment.json('mailbox', 'import', address, file));
        yield { ...from, place: '2', content: contentOf(two) };
      },
    };
    const reopen = async (): Promise<void> => {};
    await using opened = await openDeployment(deployment.configFile, {});
    const account = (await opened.accounts.find(address))!;
    const target = await ImportTarget.open(createSoleConnector(opened, account, () => {}));
    const importing = runImport(
      { planned: [{ folder, target: 'INBOX', specialUse: undefined }], leftOut: [] },
      {
        source: { kind: 'eml', folders: [folder], unit: 'messages', reopen, close: reopen },
        target,
        nowMs: () => 0,
        wait: async () => {},
        onProgress: () => {},
        onTrouble: () => {},
      },
    );
    await expect(importing).rejects.toThrow('another import into this mailbox has begun');
    expect(other.map((counts) => counts['importedCount']! + counts['skippedCount']!)).toEqual([2]);
    expect(await readFolder(address, 'INBOX')).toHaveLength(2);
    await target.close();
  });

  it('keeps folders and flags of a Maildir, below another folder if wanted', async () => {
    const address = await deployment.addAccount();
    for (const part of ['cur', 'new', '.Sent.2025/cur', '.Sent.2025/new']) {
      await mkdir(deployment.temp.join('maildir', part), { recursive: true });
    }
    await writeFile(deployment.temp.join('maildir/cur/1.x:2,FS'), 'Subject: a\n\nx\n');
    await writeFile(deployment.temp.join('maildir/.Sent.2025/cur/1.x:2,R'), 'Subject: b\n\nx\n');
    const args = [
      'mailbox',
      'import',
      address,
      deployment.temp.join('maildir'),
      '--into',
      'Old mail',
    ];
    expect(await homeward(...args)).toMatchObject({ code: 0 });
    expect(await readFolder(address, 'Old mail')).toEqual([
      expect.stringMatching(/FLAGS \(\\Flagged \\Seen\b/),
    ]);
    expect(await readFolder(address, 'Old mail/Sent/2025')).toEqual([
      expect.stringMatching(/FLAGS \(\\Answered\b/),
    ]);
  });

  it('names what the site does not take, and imports the rest', async () => {
    const address = await deployment.addAccount();
    const file = await writeMbox('some.mbox', [
      sampleMessage(1, 1_000),
      sampleMessage(2, 90_000),
      sampleMessage(3, 1_000),
    ]);
    const { code, stdout, stderr } = await homeward('mailbox', 'import', address, file);
    expect(code).toBe(EXIT_CODES.refused);
    expect(stdout).toContain('2 imported, 1 failed');
    expect(stderr).toMatch(/^homeward: some\.mbox, message 2: .*(LIMIT|TOOBIG|too big)/i);
  });

  it('says so when account, file or site is not there', async () => {
    const file = await writeMbox('one.mbox', [sampleMessage(1, 1_000)]);
    expect(await homeward('mailbox', 'import', 'nobody', file)).toMatchObject({
      code: EXIT_CODES.refused,
      stderr: expect.stringMatching(/no account nobody/),
    });
    const address = await deployment.addAccount();
    expect(await homeward('mailbox', 'import', address, '/nowhere')).toMatchObject({
      code: EXIT_CODES.badData,
    });
    await homeward('site', 'add', 'away', '--worker', '127.0.0.1:1:2');
    const away = 'away@example.org';
    await homeward('account', 'add', away, '--site', 'away', '--without-password');
    expect(await homeward('mailbox', 'import', away, file)).toMatchObject({
      code: EXIT_CODES.unavailable,
      stderr: expect.stringMatching(/site away cannot be reached at 127\.0\.0\.1:1: refused/),
    });
  });
});
