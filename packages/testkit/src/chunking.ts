/**
 * Splits octets the way a network may: one at a time, at random, in two at every place. An
 * incremental parser has to give the same answers for all of them.
 */
import { createSeededRandom } from './seeded-random.ts';

/** A string counts as Latin-1, one octet for each character. */
export type Octets = Uint8Array | string;

/** The octets as a Buffer; shares memory with a given Uint8Array. */
export function toBuffer(octets: Octets): Buffer {
  return typeof octets === 'string'
    ? Buffer.from(octets, 'latin1')
    : Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
}

/** One chunk for each octet. */
export function splitIntoOctets(octets: Octets): Buffer[] {
  const all = toBuffer(octets);
  return Array.from(all, (_octet, at) => all.subarray(at, at + 1));
}

/**
 * Chunks of 1 to `maxChunkBytes` octets; none is empty.
 *
 * @param seed Put it into the name or the message of the test, so that a failure can be repeated.
 */
export function splitRandomly(octets: Octets, seed: number, maxChunkBytes: number = 17): Buffer[] {
  const all = toBuffer(octets);
  const random = createSeededRandom(seed);
  const chunks: Buffer[] = [];
  for (let at = 0; at < all.length;) {
    const end = at + 1 + Math.floor(random() * maxChunkBytes);
    chunks.push(all.subarray(at, end));
    at = end;
  }
  return chunks;
}

/** Every way to cut the octets once, from an empty first part to an empty second part. */
export function* splitInTwo(octets: Octets): Generator<readonly [Buffer, Buffer]> {
  const all = toBuffer(octets);
  for (let at = 0; at <= all.length; at += 1) yield [all.subarray(0, at), all.subarray(at)];
}
