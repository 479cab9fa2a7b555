import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { createTempFolder, type TempFolder } from '@homeward/testkit';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import type { SourceMessage } from './import-source.ts';
import { openImportSource } from './open-source.ts';

let folder: TempFolder;

beforeEach(async () => {
  folder = await createTempFolder('import');
});
afterEach(() => folder.remove());

async function put(path: string, text: string | Buffer): Promise<void> {
  const file = folder.join(path);
  await mkdir(file.slice(0, file.lastIndexOf('/')), { recursive: true });
  await writeFile(file, text);
}

/** Everything in a source, by folder. */
async function readAll(path: string): Promise<Readonly<Record<string, SourceMessage[]>>> {
  const source = await openImportSource(folder.join(path));
  const found: Record<string, SourceMessage[]> = {};
  for (const one of source.folders) {
    let bytes = 0;
    const messages: SourceMessage[] = [];
    const reader = { takePresent: () => false, onProgress: (step: number) => (bytes += step) };
    for await (const message of one.messages(reader)) messages.push(message);
    found[one.name] = messages;
    expect(bytes).toBe(one.sizeBytes);
  }
  return found;
}

const IDLE_READER = { takePresent: () => false, onProgress: () => {} };

function textOf({ content }: SourceMessage): string {
  if (typeof content === 'string') throw new Error(content);
  return [...(content.chunks() as Iterable<Uint8Array>)].join('');
}

const MBOX =
  'From a Thu Mar  5 10:20:30 2026\nSubject: one\n\n1\n\nFrom a Thu Mar  5 10:20:30 2026\nSubject: two\n\n2\n';

describe('openImportSource()', () => {
  test.each([
    ['an mbox', 'mail', MBOX],
    ['a gzipped mbox', 'mail.gz', gzipSync(MBOX)],
  ])('reads %s', async (_claim, name, contents) => {
    await put(name, contents);
    const { INBOX = [] } = await readAll(name);
    expect(INBOX.map(textOf)).toEqual(['Subject: one\r\n\r\n1\r\n', 'Subject: two\r\n\r\n2\r\n']);
    expect(INBOX[1]?.place).toBe(`${name}, message 2`);
  });

  it('reads a Maildir++ with its folders and flags', async () => {
    for (const part of [
      'cur',
      'new',
      'tmp',
      '.Sent/cur',
      '.Sent/new',
      '.A&AOQ-.B/cur',
      '.A&AOQ-.B/new',
    ]) {
      await mkdir(folder.join('m', part), { recursive: true });
    }
    await mkdir(folder.join('m/.nothing'));
    await put('m/cur/2.host:2,FS', 'x: 2\n\n');
    await put('m/new/1.host', 'x: 1\n\n');
    await put('m/.Sent/cur/3.host:2,RT', 'x: 3\n\n');
    await put('m/tmp/4.host', 'x: 4\n\n');
    const found = await readAll('m');
    expect(Object.keys(found)).toEqual(['INBOX', 'Aä/B', 'Sent']);
    expect(found['INBOX']?.map(({ flags }) => flags)).toEqual([[], ['\\Flagged', '\\Seen']]);
    expect(found['Sent']?.map(({ flags }) => flags)).toEqual([['\\Answered', '\\Deleted']]);
  });

  it('reads files of a Maildir alone: no links, and no pipes', async () => {
    for (const part of ['cur', 'new', 'tmp'])
      await mkdir(folder.join('m', part), { recursive: true });
    await put('secret', 'x: of another\n\n');
    await put('m/cur/1.a', 'x: a\n\n');
    await symlink(folder.join('secret'), folder.join('m/cur/2.link'));
    await mkdir(folder.join('m/new/3.folder'));
    for (const name of ['m/new/4.pipe', 'm/dovecot-keywords', 'm/dovecot-uidlist']) {
      await promisify(execFile)('mkfifo', [folder.join(name)]);
    }
    await mkdir(folder.join('m/.Linked/cur'), { recursive: true });
    await symlink(folder.join('m/new'), folder.join('m/.Linked/new'));
    const found = await readAll('m');
    expect(Object.keys(found)).toEqual(['INBOX']);
    const { INBOX = [] } = found;
    expect(
      INBOX.map((one) => (typeof one.content === 'string' ? one.content : textOf(one))),
    ).toEqual(['x: a\r\n\r\n', 'it is no regular file', 'it is no regular file']);
  });

  it('reads keywords and order as Dovecot keeps them beside a Maildir', async () => {
    for (const part of ['cur', 'new']) await mkdir(folder.join('m', part), { recursive: true });
    await put('m/cur/9.a,S=7:2,Sab', 'x: a\n\n');
    await put('m/cur/1.b:2,c', 'x: b\n\n');
    await put('m/new/5.c', 'x: c\n\n');
    await put('m/dovecot-keywords', '0 $Label1\n1 NonJunk\n');
    await put('m/dovecot-uidlist', '3 V5 N8 Gabc\n2 :9.a,S=7\n7 W9 S7 :1.b\n');
    const { INBOX = [] } = await readAll('m');
    expect(INBOX.map(textOf)).toEqual(['x: a\r\n\r\n', 'x: b\r\n\r\n', 'x: c\r\n\r\n']);
    expect(INBOX.map(({ flags }) => flags)).toEqual([['\\Seen', '$Label1', 'NonJunk'], [], []]);
  });

  it('reads a tree of mbox files', async () => {
    await put('t/INBOX.mbox', MBOX);
    await put('t/Work/2024.mbox', MBOX);
    await put('t/Work/notes.txt', 'no mail');
    const found = await readAll('t');
    expect(Object.keys(found)).toEqual(['INBOX', 'Work/2024']);
    expect(found['Work/2024']).toHaveLength(2);
  });

  it('reads .eml files by folder, in order', async () => {
    await put('e/b.eml', 'x: b\n\n');
    await put('e/a.EML', 'x: a\n\n');
    await put('e/readme.txt', 'no mail');
    await put('e/Work/2026/c.eml', 'x: c\n\n');
    const found = await readAll('e');
    expect(Object.keys(found)).toEqual(['INBOX', 'Work/2026']);
    expect(found['INBOX']?.map(textOf)).toEqual(['x: a\r\n\r\n', 'x: b\r\n\r\n']);
  });

  test.each([
    ['what is not there', 'none', undefined, /there is no/],
    ['a file that is no mbox', 'file', 'Hello', /no mbox/],
    ['a folder without mail', 'dir/readme.txt', 'x', /no Maildir .*no \.mbox and no \.eml/],
  ])('refuses %s', async (_claim, path, contents, message) => {
    if (contents !== undefined) await put(path, contents);
    const target = folder.join(path.replace('/readme.txt', ''));
    await expect(openImportSource(target)).rejects.toThrow(message);
  });

  it('says so when a gzip file is cut off', async () => {
    await put('mail.gz', gzipSync(MBOX).subarray(0, 40));
    const source = await openImportSource(folder.join('mail.gz'));
    const read = async (): Promise<void> => {
      for await (const _ of source.folders[0]!.messages(IDLE_READER)) continue;
    };
    await expect(read()).rejects.toThrow(/damaged/);
  });
});
