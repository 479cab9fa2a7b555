import { createHash } from 'node:crypto';
import { sampleMailbox } from '@homeward/samples';
import { expect, it } from 'vitest';
import { FORMAT_VERSION, indexFormat } from './index-format.ts';
import { makeTokens } from './testing/index-harness.ts';

it('the format is raised when messages give other grams than before', () => {
  const options = { ownerAddress: 'anna@example.test', ownerName: 'Anna', seed: 1, nowMs: 1.8e12 };
  const hash = createHash('sha256');
  for (const folder of sampleMailbox(options).folders) {
    for (const { octets } of folder.messages) hash.update(makeTokens(octets));
  }
  // If this fails, raise FORMAT_VERSION, so that indexes made before are made anew. (Or the
  // samples themselves were changed: then only the digest.)
  expect([FORMAT_VERSION, hash.digest('hex').slice(0, 16)]).toEqual([1, '26ba7475d250421b']);
  expect(indexFormat).toMatch(/^1, unicode \d+\.\d+, icu \d/);
});
