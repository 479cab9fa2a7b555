/** The file of an index: what survives, and what is begun anew. */
import {
  copyFileSync,
  existsSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { createSeededRandom, createTempFolder } from '@homeward/testkit';
import { describe, expect, it } from 'vitest';
import { matchExpression } from './match-expression.ts';
import { makeTokens, openIndexHarness } from './testing/index-harness.ts';
import { isIndexDamage, TextIndexFile } from './text-index-file.ts';
import { tokensOfUnreadable } from './tokens.ts';

const message = (text: string): Buffer => Buffer.from(`Subject: s\r\n\r\n${text}\r\n`);

describe('TextIndexFile', () => {
  it('finds after it was opened again, and knows how far it is complete', async () => {
    await using harness = await openIndexHarness();
    const ids = ['walnut', 'hazel', 'walnut'].map((text) => harness.add(message(text)));
    harness.reopen();
    expect(harness.index.watermark).toBe(3);
    expect(harness.find('body', 'WALNUT')).toEqual([ids[0], ids[2]]);
    expect(harness.find('body', 'BIRCH')).toEqual([]);
    expect(harness.find('body', 'AB')).toBeUndefined();
  });

  it('moves its watermark over messages that are gone', async () => {
    await using harness = await openIndexHarness();
    harness.index.add([], 12);
    harness.reopen(12);
    expect(harness.index.watermark).toBe(12);
  });

  it('finds unreadable messages by everything', async () => {
    await using harness = await openIndexHarness();
    harness.index.add([{ messageId: 5, tokens: tokensOfUnreadable() }], 5);
    for (const scope of ['subject', 'from', 'to', 'cc', 'bcc', 'header', 'body', 'text'] as const) {
      expect(harness.find(scope, 'WALNUT')).toEqual([5]);
    }
  });

  it('forgets messages, and counts and lists those that it has', async () => {
    await using harness = await openIndexHarness();
    const ids = Array.from({ length: 40 }, () => harness.add(message('walnut')));
    harness.index.remove([...ids.slice(0, 30), 77]);
    harness.reopen();
    expect(harness.index.countMessages()).toBe(10);
    expect(harness.index.messageIds(33, 3)).toEqual([34, 35, 36]);
    expect(harness.find('body', 'WALNUT')).toEqual(ids.slice(30));
  });

  it('is begun anew if it is of another mailbox, another past or another format', async () => {
    await using folder = await createTempFolder('text-index');
    const path = folder.join('text.db');
    const watermarkOf = (mailbox: string, lastMessageId: number): number => {
      const index = TextIndexFile.open(path, mailbox, lastMessageId);
      const { watermark } = index;
      index.add([], 4);
      index.close();
      return watermark;
    };
    expect(watermarkOf('anna', 4)).toBe(0);
    expect(watermarkOf('anna', 4)).toBe(4);
    expect(watermarkOf('anna', 3)).toBe(0);
    expect(watermarkOf('ben', 4)).toBe(0);
    expect(watermarkOf('ben', 9)).toBe(4);
    const database = new DatabaseSync(path);
    database.exec(`UPDATE state SET format = 'of old'`);
    database.close();
    expect(watermarkOf('ben', 9)).toBe(0);
  });

  it.each<[string, (path: string) => void]>([
    ['was removed', (path) => TextIndexFile.remove(path)],
    ['is empty', (path) => writeFileSync(path, '')],
    ['is no database', (path) => writeFileSync(path, 'nothing of the kind '.repeat(1000))],
    ['was cut off', (path) => truncateSync(path, 4096)],
    [
      'lacks its tables',
      (path) => {
        TextIndexFile.remove(path);
        new DatabaseSync(path).close();
      },
    ],
    [
      'has a spoilt first page',
      (path) => {
        const octets = readFileSync(path);
        writeFileSync(path, octets.fill(0xff, 100, 4096));
      },
    ],
  ])('is begun anew if it %s', async (_, spoil) => {
    await using folder = await createTempFolder('text-index');
    const path = folder.join('text.db');
    const before = TextIndexFile.open(path, 'anna', 1);
    before.add([{ messageId: 1, tokens: makeTokens(message('walnut')) }], 1);
    before.close();
    spoil(path);
    const index = TextIndexFile.open(path, 'anna', 1);
    expect(index.watermark).toBe(0);
    index.add([{ messageId: 1, tokens: makeTokens(message('hazel')) }], 1);
    expect([...(index.candidates({ scope: 'body', text: 'HAZEL' }) ?? [])]).toEqual([1]);
    index.close();
  });

  it('tells damage that shows later from other faults', async () => {
    await using folder = await createTempFolder('text-index');
    const path = folder.join('text.db');
    const whole = TextIndexFile.open(path, 'anna', 500);
    for (let id = 1; id <= 500; id += 1) {
      whole.add([{ messageId: id, tokens: makeTokens(message(`word${id} walnut`)) }], id);
    }
    whole.close();
    const octets = readFileSync(path);
    writeFileSync(path, octets.fill(0xaa, 5 * 4096));
    const spoilt = TextIndexFile.open(path, 'anna', 500);
    let error: unknown;
    try {
      spoilt.candidates({ scope: 'body', text: 'WALNUT' });
    } catch (thrown) {
      error = thrown;
    }
    expect(isIndexDamage(error)).toBe(true);
    spoilt.close();
    expect(isIndexDamage(new Error('another'))).toBe(false);
    expect(isIndexDamage(Object.assign(new Error('full'), { errcode: 13 }))).toBe(false);
    expect(() => TextIndexFile.open(folder.join('missing', 'text.db'), 'anna', 1)).toThrow(
      'unable to open',
    );
  });

  it('has all grams of the messages up to its watermark after a power cut', async () => {
    await using folder = await createTempFolder('text-index');
    const path = folder.join('text.db');
    const index = TextIndexFile.open(path, 'anna', 0);
    for (let id = 1; id <= 60; id += 1) {
      index.add([{ messageId: id, tokens: makeTokens(message(`walnut number${id}`)) }], id);
    }
    const random = createSeededRandom(11);
    const cutPath = folder.join('cut.db');
    const size = statSync(`${path}-wal`).size;
    expect(size).toBeGreaterThan(100_000);
    const watermarks = new Set<number>();
    for (let round = 0; round < 40; round += 1) {
      copyFileSync(path, cutPath);
      copyFileSync(`${path}-wal`, `${cutPath}-wal`);
      truncateSync(`${cutPath}-wal`, Math.floor(random() * size));
      const cut = TextIndexFile.open(cutPath, 'anna', 60);
      const { watermark } = cut;
      watermarks.add(watermark);
      const expected = Array.from({ length: watermark }, (_, at) => at + 1);
      expect([...(cut.candidates({ scope: 'body', text: 'WALNUT' }) ?? [])]).toEqual(expected);
      cut.add([{ messageId: 61, tokens: makeTokens(message('walnut')) }], 61);
      cut.close();
      TextIndexFile.remove(cutPath);
    }
    expect(watermarks.size).toBeGreaterThan(10);
    index.close();
    expect(existsSync(`${path}-wal`)).toBe(false);
  });

  it('shuts out a second connection while it is open', async () => {
    await using harness = await openIndexHarness();
    expect(() => TextIndexFile.open(harness.path, 'anna', 1)).toThrow(/locked/);
  });
});

describe('matchExpression()', () => {
  it('asks for a bounded number of grams of a text of any length', () => {
    const text = Array.from({ length: 50_000 }, (_, at) => at.toString(36))
      .join('')
      .toUpperCase();
    const expression = matchExpression({ scope: 'text', text }) ?? '';
    expect(expression.split('"').length).toBeLessThan(80);
  });

  it('has one scope, but for a text anywhere', () => {
    expect(matchExpression({ scope: 'subject', text: 'ABC' })).toMatch(/^\("s\w+"\) OR "s"$/);
    expect(matchExpression({ scope: 'text', text: 'ABC' })).toMatch(
      /^\("h\w+"\) OR "h" OR \("b\w+"\) OR "b"$/,
    );
    expect(matchExpression({ scope: 'text', text: 'AB' })).toBeUndefined();
  });
});
