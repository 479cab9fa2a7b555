import { describe, expect, test } from 'vitest';
import { ChunkPool } from './chunk-pool.ts';

/** Takes what is written and sends it when told to. */
function createSlowTarget() {
  const held: { readonly octets: Uint8Array; readonly done: () => void }[] = [];
  return {
    held,
    write(octets: Uint8Array | string, done?: unknown): boolean {
      held.push({ octets: octets as Uint8Array, done: (done ?? (() => {})) as () => void });
      return false;
    },
  };
}

describe('ChunkPool', () => {
  test.each([1, 4_095, 4_096, 65_536, 100_000])('keeps a copy of %i octets', (byteCount) => {
    const target = createSlowTarget();
    const octets = new Uint8Array(byteCount).fill(7);
    expect(new ChunkPool(1).writeCopy(target, octets)).toBe(false);
    octets.fill(0);
    expect(target.held[0]?.octets).toEqual(Buffer.alloc(byteCount, 7));
  });

  test('uses a buffer again when it was sent, and not before', () => {
    const target = createSlowTarget();
    const pool = new ChunkPool(1);
    const write = (value: number) => pool.writeCopy(target, new Uint8Array(5_000).fill(value));
    write(1);
    write(2);
    target.held[0]?.done();
    write(3);
    const [first, second, third] = target.held.map(({ octets }) => octets);
    expect(third?.buffer).toBe(first?.buffer);
    expect(second?.buffer).not.toBe(first?.buffer);
    expect(second?.[0]).toBe(2);
  });

  test('keeps no more free buffers than it may', () => {
    const target = createSlowTarget();
    const pool = new ChunkPool(1);
    const write = () => pool.writeCopy(target, new Uint8Array(5_000));
    write();
    write();
    for (const { done } of target.held) done();
    write();
    write();
    expect(new Set(target.held.map(({ octets }) => octets.buffer)).size).toBe(3);
  });
});
