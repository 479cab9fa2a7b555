/** The scanner on generated mail, most of it broken: what must hold whatever arrives. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitRandomly } from '@homeward/testkit';
import type { EnvelopeAddress, MessageShape, MimePart } from './message-shape.ts';
import { createMessageScanner, scanMessage } from './message-scanner.ts';
import { defaultScanLimits, type ScanLimits } from './scan-limits.ts';

const RUNS = { numRuns: 600 };

/** Lines out of which broken mail is made. */
const line = fc.oneof(
  fc.constantFrom(
    'Content-Type: multipart/mixed; boundary=a',
    'Content-Type: multipart/digest; boundary=ab',
    'Content-Type: multipart/alternative; boundary="a b"',
    'Content-Type: message/rfc822',
    'Content-Type: text/html; charset=utf-8;',
    ' name*0*=x\'\'y; name*1="z"',
    'Content-Transfer-Encoding: base64',
    'Content-Disposition: attachment; filename="x',
    'Content-Language: de, (x) en',
    'From: "a" <a@b>, g: c@d;, (x) e',
    'Sender: ,,;;::<<>>@@..',
    'Subject: =?utf-8?q?x?=\0y',
    'Date:',
    'From x',
    '--a',
    '--ab',
    '--a b',
    '--a--',
    '--ab-- ',
    '--',
    '',
    ' ',
    '\t folded',
    'text\rwith a bare CR\r',
    ':',
  ),
  fc.string({ maxLength: 12, unit: 'binary-ascii' }),
);

/** Latin-1 text of a message: lines with line ends of all kinds. */
const message = fc
  .array(fc.tuple(line, fc.constantFrom('\r\n', '\r\n', '\n', '\r\r\n')), { maxLength: 40 })
  .chain((lines) =>
    fc.constantFrom(lines.map(([text, end]) => text + end).join(''), lines.map(String).join('\n')),
  )
  .map((text) => Buffer.from(text, 'latin1'));

function listParts(part: MimePart): readonly MimePart[] {
  const inner = part.message === undefined ? [] : listParts(part.message.root);
  return [part, ...inner, ...part.parts.flatMap(listParts)];
}

/** RFC 3501 counts them for text and message parts; the contract for all. */
function countLines(body: string): number {
  return body.split('\n').length - (body === '' || body.endsWith('\n') ? 1 : 0);
}

function expectSoundRanges(octets: Buffer, { root, sizeBytes }: MessageShape): void {
  expect([root.headerStart, root.bodyEnd, sizeBytes]).toEqual([0, octets.length, octets.length]);
  for (const part of listParts(root)) {
    expect(part.headerStart).toBeLessThanOrEqual(part.bodyStart);
    expect(part.bodyStart).toBeLessThanOrEqual(part.bodyEnd);
    expect(part.bodyLines).toBe(
      countLines(octets.toString('latin1', part.bodyStart, part.bodyEnd)),
    );
    let behind = part.bodyStart;
    for (const child of part.parts) {
      expect(child.headerStart).toBeGreaterThanOrEqual(behind);
      behind = child.bodyEnd;
    }
    expect(behind).toBeLessThanOrEqual(part.bodyEnd);
    if (part.message !== undefined) {
      const { headerStart, bodyEnd } = part.message.root;
      expect([headerStart, bodyEnd]).toEqual([part.bodyStart, part.bodyEnd]);
    }
  }
}

/** What formatters of BODYSTRUCTURE rely on. */
function expectSoundKinds({ root }: MessageShape): void {
  for (const part of listParts(root)) {
    expect(part.parts.length > 0).toBe(/^multipart$/i.test(part.type));
    expect(part.message !== undefined).toBe(
      /^message$/i.test(part.type) && /^rfc822$/i.test(part.subtype),
    );
    expect(part.type).not.toBe('');
    expect(part.subtype).not.toBe('');
    expect(part.encoding).not.toBe('');
  }
}

function expectBalancedGroups(addresses: readonly EnvelopeAddress[]): void {
  let isInGroup = false;
  for (const { mailbox, host } of addresses) {
    if (host !== undefined) expect(mailbox).toBeDefined();
    else {
      expect(mailbox === undefined).toBe(isInGroup);
      isInGroup = !isInGroup;
    }
  }
  expect(isInGroup).toBe(false);
}

function expectSoundText(shape: MessageShape): void {
  const envelopes = [shape, ...listParts(shape.root)].flatMap((one) =>
    'envelope' in one ? [one.envelope] : one.message === undefined ? [] : [one.message.envelope],
  );
  for (const { from, sender, replyTo, to, cc, bcc } of envelopes) {
    for (const list of [from, sender, replyTo, to, cc, bcc]) expectBalancedGroups(list);
  }
  // One-line Latin-1 everywhere: formatters may quote it without looking for line ends.
  expect(JSON.stringify(shape)).not.toMatch(/\\[rn]|\\u0000|[^\0-\xff]/);
}

describe('scanMessage() for any input', () => {
  it('gives ranges that are nested, ordered, and cover the message', () => {
    fc.assert(
      fc.property(message, (octets) => expectSoundRanges(octets, scanMessage(octets))),
      RUNS,
    );
  });

  it('gives parts to multiparts only, and messages to message/rfc822 only', () => {
    fc.assert(
      fc.property(message, (octets) => expectSoundKinds(scanMessage(octets))),
      RUNS,
    );
  });

  it('gives text of one line, Latin-1, with balanced groups', () => {
    fc.assert(
      fc.property(message, (octets) => expectSoundText(scanMessage(octets))),
      RUNS,
    );
  });

  it.each(['A:', '-:\0', '--:\n\xff :', 'A: b', 'Content-Type: multipart/mixed; boundary=a'])(
    'counts no line of the body in %j, which is a header without an end',
    (text) => {
      const octets = Buffer.from(text, 'latin1');
      expectSoundRanges(octets, scanMessage(octets));
    },
  );

  it('survives octets that are no mail at all', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (octets) => {
        expectSoundRanges(Buffer.from(octets), scanMessage(octets));
      }),
    );
  });
});

describe('createMessageScanner() for any input', () => {
  it('gives the same shape and header however the octets are split', () => {
    fc.assert(
      fc.property(message, fc.integer(), fc.integer({ min: 1, max: 30 }), (octets, seed, max) => {
        const scanner = createMessageScanner();
        for (const piece of splitRandomly(octets, seed, max)) scanner.push(piece);
        const whole = scanMessage(octets);
        expect(scanner.finish()).toEqual(whole);
        expect(scanner.headerOctets).toEqual(octets.subarray(0, whole.root.bodyStart));
      }),
      RUNS,
    );
  });

  it('keeps every promise under tight limits, split or not', () => {
    const tight: fc.Arbitrary<ScanLimits> = fc.record({
      maxDepth: fc.integer({ min: 1, max: 3 }),
      maxParts: fc.integer({ min: 1, max: 4 }),
      maxHeaderBytes: fc.integer({ min: 0, max: 80 }),
      maxStructureBytes: fc.integer({ min: 0, max: 80 }),
      maxAddresses: fc.integer({ min: 0, max: 2 }),
    });
    fc.assert(
      fc.property(message, tight, fc.integer(), (octets, limits, seed) => {
        const shape = scanMessage(octets, limits);
        expectSoundRanges(octets, shape);
        expectSoundKinds(shape);
        expectSoundText(shape);
        expect(listParts(shape.root).length).toBeLessThanOrEqual(limits.maxParts);
        const scanner = createMessageScanner(limits);
        for (const piece of splitRandomly(octets, seed, 7)) scanner.push(piece);
        expect(scanner.finish()).toEqual(shape);
      }),
      RUNS,
    );
  });

  it('reads what follows a part as if the part were not there', () => {
    fc.assert(
      fc.property(message, (octets) => {
        const whole = Buffer.concat([
          Buffer.from('Content-Type: multipart/mixed; boundary=never\n\n--never\n'),
          octets,
          Buffer.from('\r\n--never\r\nContent-Type: image/png\r\n\r\nx\r\n--never--\r\n'),
        ]);
        const last = scanMessage(whole, defaultScanLimits).root.parts.at(-1);
        expect([last?.type, last?.subtype, last?.bodyLines]).toEqual(['image', 'png', 1]);
      }),
      RUNS,
    );
  });
});
