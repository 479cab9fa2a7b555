/** The journal of a source's octets: kept, found again, and no worse for being damaged. */
import { appendFile, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { createTempFolder, type TempFolder } from '@homeward/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emailIdOf } from '../message-content.ts';
import { OctetJournal } from './octet-journal.ts';

const KEY = { source: 'anna@host:993', folder: 'INBOX', uidValidity: 7n };
const [one, two] = [emailIdOf(Buffer.from('1')), emailIdOf(Buffer.from('2'))];
let temp: TempFolder;

beforeEach(async () => {
  temp = await createTempFolder('journal');
});
afterEach(() => temp.remove());

async function withJournal<Result>(
  use: (journal: OctetJournal) => Promise<Result> | Result,
  key: Partial<typeof KEY> = {},
): Promise<Result> {
  const journal = await OctetJournal.open(temp.join('imports'), { ...KEY, ...key });
  try {
    return await use(journal);
  } finally {
    await journal.close();
  }
}

async function onlyFile(): Promise<string> {
  const [file = '', ...others] = await readdir(temp.join('imports'));
  expect(others).toEqual([]);
  return temp.join('imports', file);
}

describe('OctetJournal', () => {
  it('finds again what it was told, for the same folder alone', async () => {
    await withJournal(async (journal) => {
      await journal.remember(1, one);
      await journal.remember(4_294_967_295, two);
      expect(journal.find(1)).toBe(one);
    });
    const find = (journal: OctetJournal): unknown[] => [
      journal.find(1),
      journal.find(4_294_967_295),
    ];
    expect(await withJournal(find)).toEqual([one, two]);
    expect(await withJournal(find, { uidValidity: 8n })).toEqual([undefined, undefined]);
    expect(await withJournal(find, { folder: 'inbox' })).toEqual([undefined, undefined]);
    expect(await withJournal(find, { source: 'bert@host:993' })).toEqual([undefined, undefined]);
  });

  it('is for its owner alone, and says nothing of folders and people', async () => {
    await withJournal((journal) => journal.remember(1, one));
    const file = await onlyFile();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(file + (await readFile(file, 'utf8'))).not.toMatch(/anna|INBOX/);
  });

  it('loses no more than the line that a kill cut short', async () => {
    await withJournal(async (journal) => {
      await journal.remember(1, one);
      await journal.remember(2, two);
    });
    const file = await onlyFile();
    await truncate(file, (await stat(file)).size - 5);
    await withJournal(async (journal) => {
      expect([journal.find(1), journal.find(2)]).toEqual([one, undefined]);
      await journal.remember(3, two);
    });
    expect(await withJournal((journal) => [1, 2, 3].map((uid) => journal.find(uid)))).toEqual([
      one,
      undefined,
      two,
    ]);
  });

  it.each(['', '\n\n', 'x y\n', '1\n', '99999999999 M\n', `-1 ${one}\n`, '\0\0\0', `1 ${one} x\n`])(
    'takes nothing from %j',
    async (text) => {
      await withJournal(() => {});
      await writeFile(await onlyFile(), text);
      await appendFile(await onlyFile(), text.endsWith('\n') || text === '' ? '' : '\n');
      await appendFile(await onlyFile(), `2 ${two}\n`);
      expect(await withJournal((journal) => [journal.find(1), journal.find(2)])).toEqual([
        undefined,
        two,
      ]);
    },
  );
});
