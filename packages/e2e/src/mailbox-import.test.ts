/**
 * `homeward mailbox import`: mbox, Maildir and .eml into a mailbox of a running site; killed at
 * any time and run again, nothing is missing and nothing is there twice.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTempFolder, type RawClient, type TempFolder } from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from './demo/demo.ts';
import type { DemoUser } from './demo/env-file.ts';
import { startHomeward } from './demo/homeward-command.ts';
import { waitUntil } from './poll.ts';

let demo: Demo;
let folder: TempFolder;
beforeAll(async () => {
  folder = await createTempFolder('import');
  demo = await startDemo({ accountCount: 10 });
});
afterAll(async () => {
  await demo?.stop();
  await folder?.remove();
});

const COUNT = 400;

/** Message by number; the tenth is the ninth once more, which is to be kept. */
function messageOf(index: number): string {
  const number = index === 10 ? 9 : index;
  const line = `This is line after line of message ${number}.\n`;
  return `From: anna@example.test\nSubject: Message ${number}\n\n${line.repeat(number % 7 === 0 ? 8_000 : 5)}`;
}

const EXPECTED: readonly string[] = Array.from({ length: COUNT }, (_, index) =>
  messageOf(index + 1).replaceAll('\n', '\r\n'),
);

/** Sources of the same messages, by their kind. */
const SOURCES: readonly (readonly [string, (path: string) => Promise<void>])[] = [
  [
    'mbox',
    async (path) => {
      const messages = EXPECTED.map((_, index) => `${messageOf(index + 1)}\n`);
      const envelope = 'From anna@example.test Thu Jan  1 00:00:00 2026\n';
      await writeFile(path, messages.map((message) => envelope + message).join(''));
    },
  ],
  [
    'Maildir',
    async (path) => {
      for (const part of ['cur', 'new', 'tmp']) await mkdir(join(path, part), { recursive: true });
      for (let index = 1; index <= COUNT; index += 1) {
        const name = `${1_700_000_000 + index}.M${index}P1.host`;
        const file = index % 2 === 0 ? join('new', name) : join('cur', `${name}:2,FS`);
        await writeFile(join(path, file), messageOf(index));
      }
    },
  ],
  [
    '.eml files',
    async (path) => {
      await mkdir(path, { recursive: true });
      for (let index = 1; index <= COUNT; index += 1) {
        await writeFile(join(path, `${String(index).padStart(4, '0')}.eml`), messageOf(index));
      }
    },
  ],
];

describe.each(SOURCES)('homeward mailbox import of %s', (kind, write) => {
  it('is never twice, however often it is killed', { timeout: 60_000 }, async () => {
    const user = demo.takeUser();
    const path = folder.join(kind.replaceAll(/\W+/g, '-'));
    await write(path);
    await using client = await demo.openImap(user);
    // Killed at a quarter, and once more at a half.
    for (const share of [0.25, 0.5]) {
      await using running = startHomeward(['mailbox', 'import', user.name, path], {
        env: { HOMEWARD_CONFIG: demo.facts.configFile },
      });
      await waitUntil('some of it to be there', async () =>
        (await countMessages(client)) >= COUNT * share ? true : undefined,
      );
      await running.stop();
      expect(running.exit?.signal).toBe('SIGKILL');
    }
    const resumed = await demo.expectCommand(['mailbox', 'import', user.name, path, '--json']);
    const result = JSON.parse(resumed.output) as Record<string, number>;
    expect(result['skippedCount']).toBeGreaterThanOrEqual(COUNT / 2);
    expect(result['skippedCount']! + result['importedCount']!).toBe(COUNT);
    expect(await readAll(client)).toEqual(EXPECTED.toSorted());
    const again = await demo.expectCommand(['mailbox', 'import', user.name, path, '--json']);
    expect(JSON.parse(again.output)).toMatchObject({ importedCount: 0, skippedCount: COUNT });
    expect(await countMessages(client)).toBe(COUNT);
  });
});

describe('homeward mailbox import', () => {
  it('keeps folders, flags and dates of a Maildir', async () => {
    const user = demo.takeUser('oslo');
    const path = folder.join('maildir-with-folders');
    for (const part of ['cur', 'new', 'tmp', '.Reisen.Z&APw-rich/cur', '.Reisen.Z&APw-rich/new']) {
      await mkdir(join(path, part), { recursive: true });
    }
    await writeFile(join(path, '.Reisen.Z&APw-rich/cur/1.a:2,RS'), messageOf(1));
    await demo.expectCommand(['mailbox', 'import', user.name, path, '--into', 'Old']);
    await using client = await demo.openImap(user);
    await client.expectOk('SELECT "Old/Reisen/Z&APw-rich"');
    const { untagged } = await client.expectOk('FETCH 1 FLAGS');
    expect(untagged[0]).toMatch(/\\Seen/);
    expect(untagged[0]).toMatch(/\\Answered/);
  });

  it('says what is wrong and changes nothing: no such path, no such account', async () => {
    const user = demo.takeUser('oslo');
    const noPath = await demo.runCommand(['mailbox', 'import', user.name, folder.join('nowhere')]);
    expect(noPath.exitCode).not.toBe(0);
    expect(noPath.output).toContain('there is no');
    const path = folder.join('one.mbox');
    await writeFile(path, `From a Thu Jan  1 00:00:00 2026\n${messageOf(1)}`);
    const noAccount = await demo.runCommand(['mailbox', 'import', 'nobody@homeward.test', path]);
    expect(noAccount.exitCode).not.toBe(0);
    expect(noAccount.output).toContain('nobody@homeward.test');
  });

  it('says that the site is away, and goes on when it is back', async () => {
    const user: DemoUser = demo.takeUser('oslo');
    const path = folder.join('two.mbox');
    await writeFile(path, `From a Thu Jan  1 00:00:00 2026\n${messageOf(1)}`);
    demo.killSite('oslo');
    const away = await demo.runCommand(['mailbox', 'import', user.name, path]);
    if (away.exitCode !== 0) expect(away.output).toContain('oslo');
    await waitUntil('the import to work', async () =>
      (await demo.runCommand(['mailbox', 'import', user.name, path])).exitCode === 0
        ? true
        : undefined,
    );
    await using client = await demo.openImap(user);
    expect(await countMessages(client)).toBe(1);
  });
});

async function countMessages(client: RawClient): Promise<number> {
  const { untagged } = await client.expectOk('STATUS INBOX (MESSAGES)');
  return Number(/MESSAGES (\d+)/.exec(untagged.join())?.[1]);
}

/** All messages, sorted by their octets. */
async function readAll(client: RawClient): Promise<readonly string[]> {
  await client.expectOk('EXAMINE INBOX');
  const { untagged } = await client.expectOk('FETCH 1:* BODY.PEEK[]');
  await client.expectOk('UNSELECT');
  return untagged
    .filter((response) => response.includes(' FETCH '))
    .map((response) => response.slice(response.indexOf('\r\n') + 2, -1))
    .toSorted();
}
