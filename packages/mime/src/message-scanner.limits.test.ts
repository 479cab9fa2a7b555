/** Hostile mail: bounded structure, bounded time, every octet still served. */
import { describe, expect, it } from 'vitest';
import { createMessageScanner, scanMessage } from './message-scanner.ts';
import type { MimePart } from './message-shape.ts';
import { defaultScanLimits } from './scan-limits.ts';

function countParts(part: MimePart): number {
  const inner = part.message === undefined ? 0 : countParts(part.message.root);
  return 1 + inner + part.parts.reduce((sum, child) => sum + countParts(child), 0);
}

function countLevels(part: MimePart): number {
  const inner = part.message === undefined ? [] : [part.message.root];
  return 1 + Math.max(0, ...[...part.parts, ...inner].map(countLevels));
}

function nestMultiparts(depth: number): string {
  return Array.from(
    { length: depth },
    (_, level) => `Content-Type: multipart/mixed; boundary=b${level}x\r\n\r\n--b${level}x\r\n`,
  ).join('');
}

function deepestPart(part: MimePart): MimePart {
  const child = part.message?.root ?? part.parts[0];
  return child === undefined ? part : deepestPart(child);
}

describe('scanMessage() within its limits', () => {
  it('tells apart as many levels as allowed', () => {
    const octets = Buffer.from(`${nestMultiparts(49)}\r\ndeep`);
    const { root } = scanMessage(octets);
    expect(countLevels(root)).toBe(50);
    expect(deepestPart(root)).toMatchObject({ type: 'TEXT', bodyEnd: octets.length, bodyLines: 1 });
  });

  it('gives a multipart that lies too deep as an opaque leaf with all its octets', () => {
    const octets = Buffer.from(`${nestMultiparts(5000)}\r\ndeep`);
    const { root } = scanMessage(octets);
    expect(countLevels(root)).toBe(defaultScanLimits.maxDepth);
    expect(deepestPart(root)).toMatchObject({
      type: 'APPLICATION',
      subtype: 'OCTET-STREAM',
      parameters: [],
      bodyEnd: octets.length,
    });
  });

  it('gives a message that lies too deep as an opaque leaf', () => {
    const { root } = scanMessage(Buffer.from('Content-Type: message/rfc822\r\n\r\n'.repeat(999)));
    expect(countLevels(root)).toBe(defaultScanLimits.maxDepth);
    expect(deepestPart(root)).toMatchObject({ type: 'APPLICATION', message: undefined });
  });

  it('lets the last part that is told apart take the rest along', () => {
    const text = `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(10_000)}--b--\r\n`;
    const { root } = scanMessage(Buffer.from(text));
    expect(countParts(root)).toBe(defaultScanLimits.maxParts);
    expect(root.parts[0]).toMatchObject({ bodyLines: 1 });
    expect(root.parts.at(-1)?.bodyEnd).toBe(text.length - '\r\n--b--\r\n'.length);
  });

  it('reads the fields in front of a header line of a megabyte, and knows where it ends', () => {
    const text = `Subject: before\r\nX-Long: ${'x'.repeat(1_000_000)}\r\nTo: a@example.org\r\n\r\nbody\r\n`;
    const scanner = createMessageScanner();
    scanner.push(Buffer.from(text));
    const { envelope, root } = scanner.finish();
    expect(envelope).toMatchObject({ subject: 'before', to: [] });
    expect(root).toMatchObject({ bodyStart: text.length - 6, bodyLines: 1 });
    expect(scanner.headerOctets).toBeUndefined();
  });

  it('keeps no more of all headers together than allowed', () => {
    const part = `--b\r\nContent-Description: ${'d'.repeat(10_000)}\r\n\r\nx\r\n`;
    const text = `Content-Type: multipart/mixed; boundary=b\r\n\r\n${part.repeat(500)}`;
    const { root } = scanMessage(Buffer.from(text));
    expect(root.parts).toHaveLength(500);
    expect(root.parts[0]?.description).toHaveLength(10_000);
    expect(root.parts.at(-1)).toMatchObject({ type: 'APPLICATION', description: undefined });
    expect(JSON.stringify(root).length).toBeLessThan(2 * defaultScanLimits.maxStructureBytes);
  });

  it('keeps no more addresses than allowed', () => {
    const { envelope } = scanMessage(Buffer.from(`To: ${'a,'.repeat(100_000)}\r\n\r\n`));
    expect(envelope.to).toHaveLength(defaultScanLimits.maxAddresses);
  });

  it('ignores a boundary that no line could hold', () => {
    const long = 'b'.repeat(1001);
    const { root } = scanMessage(
      Buffer.from(`Content-Type: multipart/mixed; boundary=${long}\r\n\r\n--${long}\r\n\r\nx\r\n`),
    );
    expect(root).toMatchObject({ type: 'TEXT', subtype: 'PLAIN', parts: [] });
  });
});

describe('scanMessage() on input made to be slow', () => {
  const inputs: readonly (readonly [string, string])[] = [
    ['open quotes', `From: ${'"\\'.repeat(120_000)}\r\n\r\n`],
    ['open comments', `From: ${'('.repeat(250_000)}\r\n\r\n`],
    ['nested comments', `From: ${'('.repeat(120_000)}${')'.repeat(120_000)}\r\n\r\n`],
    ['angle brackets', `From: ${'<'.repeat(250_000)}\r\n\r\n`],
    ['dots', `From: ${'a.'.repeat(120_000)}@b\r\n\r\n`],
    ['words', `From: ${'a '.repeat(120_000)}@b\r\n\r\n`],
    ['unfinished encoded words', `From: ${'=?u?q?'.repeat(40_000)}\r\n\r\n`],
    ['parameters', `Content-Type: a/b${';a=b'.repeat(60_000)}\r\n\r\n`],
    ['words of a type', `Content-Type: ${'a '.repeat(120_000)}\r\n\r\n`],
    ['words of a parameter', `Content-Type: a/b; c=${'a '.repeat(120_000)}\r\n\r\n`],
    ['comments of an encoding', `Content-Transfer-Encoding: ${'('.repeat(250_000)}\r\n\r\n`],
    ['languages', `Content-Language: ${'de,'.repeat(80_000)}\r\n\r\n`],
    ['fields', `${'Subject: x\r\n'.repeat(200_000)}\r\n`],
    ['one line', 'x'.repeat(3_000_000)],
    ['dashes', `Content-Type: multipart/mixed; boundary=x\r\n\r\n${'--\n'.repeat(1_000_000)}`],
  ];

  it.each(inputs)('is done with %s in time', (_, text) => {
    const octets = Buffer.from(text, 'latin1');
    const startMs = performance.now();
    expect(scanMessage(octets).sizeBytes).toBe(octets.length);
    // Takes some 30 ms; quadratic behaviour would take minutes.
    expect(performance.now() - startMs).toBeLessThan(3000);
  });
});
