import { describe, expect, it } from 'vitest';
import { scanMessage } from '@homeward/mime';
import { sampleMessage } from './sample-message.ts';

describe('sampleMessage()', () => {
  it.each([500, 1000, 5000, 10_000, 20_000])('makes about %d octets of text', (sizeBytes) => {
    for (let index = 0; index < 50; index++) {
      const octets = sampleMessage(index, sizeBytes);
      expect(Math.abs(octets.length - sizeBytes)).toBeLessThan(100);
      expect(scanMessage(octets).root).toMatchObject({ type: 'text', subtype: 'plain' });
    }
  });

  it.each([25_000, 100_000, 3_000_000])('makes about %d octets with an attachment', (sizeBytes) => {
    const octets = sampleMessage(3, sizeBytes);
    expect(Math.abs(octets.length - sizeBytes)).toBeLessThan(sizeBytes / 50);
    expect(scanMessage(octets).root.parts).toHaveLength(2);
  });

  it('makes a small message where less than that is asked for', () => {
    expect(sampleMessage(0, 0).length).toBeLessThan(500);
    expect(scanMessage(sampleMessage(0, 0)).root.bodyLines).toBeGreaterThan(0);
  });

  it('gives the same octets for the same number, and others for another', () => {
    expect(sampleMessage(5, 2000)).toEqual(sampleMessage(5, 2000));
    const all = Array.from({ length: 300 }, (_, index) => sampleMessage(index, 1000));
    expect(new Set(all.map((octets) => scanMessage(octets).envelope.messageId)).size).toBe(300);
  });

  it('ends lines with CRLF, none longer than 78', () => {
    for (const sizeBytes of [700, 9000, 60_000]) {
      const lines = Buffer.from(sampleMessage(1, sizeBytes)).toString('latin1').split('\r\n');
      expect(lines.every((line) => line.length <= 78 && !line.includes('\n'))).toBe(true);
      expect(lines.at(-1)).toBe('');
    }
  });
});
