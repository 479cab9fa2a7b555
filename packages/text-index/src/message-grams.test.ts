import {
  encodeShape,
  foldForSearch,
  listTextRanges,
  scanMessage,
  searchPieceBytes,
} from '@homeward/mime';
import { sampleMailbox } from '@homeward/samples';
import { createSeededRandom } from '@homeward/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GramMaker, UnreadableMessageError } from './message-grams.ts';
import { arbitraryMessage } from './testing/arbitrary-message.ts';
import { makeTokens, openIndexHarness, type IndexHarness } from './testing/index-harness.ts';
import { sourceOf, textOfRange, textsIn } from './testing/plain-search.ts';
import type { TextScope } from './text-query.ts';

let harness: IndexHarness;

beforeAll(async () => {
  harness = await openIndexHarness();
});

afterAll(() => harness[Symbol.asyncDispose]());

const scopes: readonly TextScope[] = ['subject', 'from', 'to', 'cc', 'bcc', 'body', 'text'];

/** Whole numbers below what is asked for. */
function createRandom(seed: number): (below: number) => number {
  const random = createSeededRandom(seed);
  return (below) => Math.floor(random() * below);
}

function isFound(id: number, scope: TextScope, needle: string): boolean {
  return harness.find(scope, needle)?.includes(id) ?? true;
}

describe('GramMaker', () => {
  it('lets everything be found that a search without an index finds', () => {
    const cut = fc.tuple(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 12 }));
    const cuts = fc.array(cut, { minLength: 4, maxLength: 8 });
    fc.assert(
      fc.property(arbitraryMessage, fc.boolean(), cuts, (octets, isFile, places) => {
        const id = harness.add(octets, { isFile });
        for (const scope of scopes) {
          const texts = textsIn(octets, scope, { isFile }).filter((text) => text !== '');
          for (const [at, start, length] of texts.length === 0 ? [] : places) {
            const text = texts[at % texts.length] as string;
            const needle = text.slice(start % text.length).slice(0, length);
            expect([scope, needle, isFound(id, scope, needle)]).toEqual([scope, needle, true]);
          }
        }
        for (const field of ['x-other', 'comments', 'subject', 'content-type']) {
          for (const text of textsIn(octets, 'header', { field })) {
            const needle = text.slice(0, 7);
            expect([field, needle, isFound(id, 'header', needle)]).toEqual([field, needle, true]);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('lets everything be found in mail of real life, and rules out most of the rest', () => {
    const options = {
      ownerAddress: 'anna@example.test',
      ownerName: 'Anna',
      seed: 3,
      nowMs: 1.8e12,
    };
    const messages = sampleMailbox(options).folders.flatMap((folder) => folder.messages);
    const ids = messages.map(({ octets }) =>
      harness.add(octets, { shape: encodeShape(scanMessage(octets)) }),
    );
    const random = createRandom(7);
    let candidateCount = 0;
    let searchCount = 0;
    for (const [at, { octets }] of messages.entries()) {
      for (const scope of ['subject', 'body', 'text'] as const) {
        const texts = textsIn(octets, scope).filter((text) => text.length > 20);
        for (let round = 0; round < 4 && texts.length > 0; round += 1) {
          const text = texts[random(texts.length)] as string;
          const needle = text.slice(random(text.length - 10)).slice(0, 3 + random(10));
          const found = harness.find(scope, needle);
          if (found === undefined) continue;
          expect([needle, found.includes(ids[at] as number)]).toEqual([needle, true]);
          candidateCount += found.filter((id) => ids.includes(id)).length;
          searchCount += 1;
        }
      }
    }
    expect(searchCount).toBeGreaterThan(messages.length);
    expect(candidateCount / searchCount).toBeLessThan(messages.length / 2);
  });

  it('reads a body in pieces as a search does', () => {
    const filler = 'grüße aus köln. '.repeat(9000);
    const body = `${filler}needle at the seam 人间${filler}`;
    for (const charset of ['utf-8', 'x-none', 'gb18030']) {
      const header = `Content-Type: text/plain; charset=${charset}\r\n\r\n`;
      const seam = header.length + 2 * searchPieceBytes - 6;
      const octets = Buffer.from(header + body);
      octets.write('over the edge', seam);
      const id = harness.add(octets, { isFile: true });
      for (const needle of ['OVER THE EDGE', 'NEEDLE AT', '人间'].slice(
        0,
        charset === 'gb18030' ? 2 : 3,
      )) {
        const [range] = listTextRanges(scanMessage(octets).root).slice(1);
        const text = range && textOfRange(octets, range, searchPieceBytes);
        expect(text?.includes(needle)).toBe(true);
        expect([charset, needle, isFound(id, 'body', needle)]).toEqual([charset, needle, true]);
      }
      expect(isFound(id, 'body', 'OVER THE LEDGE')).toBe(false);
    }
  });

  it('keeps scopes apart', () => {
    const header = 'Subject: walnut\r\nFrom: hazel@example.test\r\nX-Tree: linden\r\n';
    const id = harness.add(Buffer.from(`${header}\r\nmaple and oak\r\n`));
    const table: readonly (readonly [TextScope, string, boolean])[] = [
      ['subject', 'WALNUT', true],
      ['subject', 'HAZEL', false],
      ['from', 'HAZEL', true],
      ['to', 'HAZEL', false],
      ['header', 'WALNUT', true],
      ['header', 'LINDEN', true],
      ['header', 'MAPLE', false],
      ['body', 'MAPLE', true],
      ['body', 'WALNUT', false],
      ['text', 'WALNUT', true],
      ['text', 'MAPLE', true],
      ['text', 'BIRCH', false],
    ];
    for (const [scope, text, expected] of table) {
      expect([scope, text, isFound(id, scope, text)]).toEqual([scope, text, expected]);
    }
  });

  it.each([
    ['two Chinese characters', '北京', '我爱北京天安门', '东京的天气'],
    ['Thai', 'ภาษา', 'สวัสดีภาษาไทย', 'สวัสดีครับ'],
    ['Arabic', 'سلام', 'والسلام عليكم', 'مرحبا بكم'],
    ['an Arabic ligature', 'الله', 'باسم ﷲ', 'مرحبا بكم'],
    ['emoji', '😀', 'so 😀 funny', 'so 😎 cool'],
    ['accents, composed', 'é', 'cafe\u0301', 'cafe'],
    ['accents, apart', 'cafe\u0301', 'CAFÉ noir', 'cafe noir'],
    ['ß', 'straße', 'HAUPTSTRASSE', 'Strasbourg'],
    ['SS', 'STRASSE', 'Hauptstraße', 'Straße 7'.slice(0, 4)],
    ['a ligature', 'office', 'oﬃce', 'offal'],
    ['full-width letters', 'tokyo', 'ＴＯＫＹＯ', 'Ｋｙｏｔｏ'],
    ['Hangul', '한국', '대한국인', '안녕하세요'],
    ['Cyrillic of two letters', 'да', 'НИКОГДА', 'нет'],
  ])('tells %s apart', (_, needle, having, lacking) => {
    const message = (text: string): Buffer =>
      Buffer.from(`Content-Type: text/plain; charset=utf-8\r\n\r\n${text}\r\n`);
    const [found, other] = [harness.add(message(having)), harness.add(message(lacking))];
    const folded = foldForSearch(needle);
    expect(textsIn(message(having), 'body').some((text) => text.includes(folded))).toBe(true);
    expect(isFound(found, 'body', folded)).toBe(true);
    // A single accent on a letter is too little to go by.
    expect(isFound(other, 'body', folded)).toBe(folded.length === 2 && folded < '\u0100');
  });

  it('takes a shape for what it is only if it is that of the message', () => {
    const octets = Buffer.from('Subject: one\r\n\r\nlighthouse\r\n');
    const shapes = [
      encodeShape(scanMessage(octets)),
      encodeShape(scanMessage(Buffer.from('Subject: another\r\n\r\n'))),
      Buffer.from('{"size":28}'),
      Buffer.from('not even JSON'),
    ];
    for (const shape of shapes) expect(makeTokens(octets, { shape })).toBe(makeTokens(octets));
  });

  it('lets anything be found in what has too much to be told apart', () => {
    const noise = Buffer.alloc(400_000);
    const random = createRandom(5);
    for (let at = 0; at < noise.length; at += 1) noise[at] = 33 + random(90);
    const octets = Buffer.concat([Buffer.from('Subject: noise\r\n\r\n'), noise]);
    for (const isFile of [false, true]) {
      const id = harness.add(octets, { isFile });
      expect(makeTokens(octets, { isFile }).length).toBeLessThan(1000);
      expect(isFound(id, 'body', '北京')).toBe(true);
      expect(isFound(id, 'text', 'LIGHTHOUSE')).toBe(true);
      expect(isFound(id, 'subject', 'LIGHTHOUSE')).toBe(false);
    }
    const long = Buffer.from(`X: ${'x'.repeat(300_000)}\r\nSubject: a\r\n\r\nbody text\r\n`);
    const id = harness.add(long, { isFile: true });
    expect(isFound(id, 'subject', 'LIGHTHOUSE')).toBe(true);
    expect(isFound(id, 'header', 'LIGHTHOUSE')).toBe(true);
    expect(isFound(id, 'body', 'LIGHTHOUSE')).toBe(false);
  });

  it('works through a long message in many short steps, reading no large piece', () => {
    const text = Buffer.from('the quick brown fox jumps over the lazy dog\r\n'.repeat(100_000));
    const octets = Buffer.concat([Buffer.from('Subject: long\r\n\r\n'), text]);
    let most = 0;
    const source = {
      ...sourceOf(octets, { isFile: true }),
      read: (offset: number, count: number) => {
        most = Math.max(most, count);
        return octets.subarray(offset, offset + count);
      },
    };
    let stepCount = 0;
    for (const steps = new GramMaker().make(source); steps.next().done !== true;) stepCount += 1;
    expect(stepCount).toBeGreaterThan(octets.length / searchPieceBytes);
    expect(most).toBe(searchPieceBytes);
  });

  it('says so if octets are missing', () => {
    const octets = Buffer.from('Subject: cut\r\n\r\nbody\r\n');
    const source = { ...sourceOf(octets, { isFile: true }), sizeBytes: octets.length + 1 };
    expect(() => [...new GramMaker().make(source)]).toThrow(UnreadableMessageError);
  });
});
