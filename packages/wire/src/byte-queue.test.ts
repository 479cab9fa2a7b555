import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteQueue } from './byte-queue.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('ByteQueue', () => {
  test('take() gives a view when the octets lie in one chunk', () => {
    const chunk = bytes('hello world');
    const queue = new ByteQueue();
    queue.push(chunk);
    const taken = queue.take(5);
    expect(taken.toString()).toBe('hello');
    expect(taken.buffer).toBe(chunk.buffer);
    expect(taken.byteOffset).toBe(chunk.byteOffset);
  });

  test('take() joins chunks', () => {
    const queue = new ByteQueue();
    queue.push(Buffer.alloc(300, 'a'));
    queue.push(Buffer.alloc(300, 'b'));
    expect(queue.take(301).toString()).toBe('a'.repeat(300) + 'b');
    expect(queue.length).toBe(299);
  });

  test('take() refuses more than there is', () => {
    const queue = new ByteQueue();
    queue.push(bytes('abc'));
    expect(() => queue.take(4)).toThrow(RangeError);
  });

  test('push() refuses what goes beyond the limit and takes nothing of it', () => {
    const queue = new ByteQueue(4);
    expect(queue.push(bytes('abc'))).toBe(true);
    expect(queue.push(bytes('de'))).toBe(false);
    expect(queue.push(bytes('d'))).toBe(true);
    expect(queue.takeAll().toString()).toBe('abcd');
  });

  test('push() keeps octets handed out earlier as they are when it gathers more', () => {
    const queue = new ByteQueue();
    queue.push(bytes('a'));
    queue.push(bytes('b'));
    queue.push(bytes('c'));
    queue.skip(1);
    const taken = queue.takeSome(2);
    queue.push(bytes('x'));
    queue.push(bytes('y'));
    expect(taken.toString()).toBe('bc');
    expect(queue.takeAll().toString()).toBe('xy');
  });

  test('unshift() puts octets back, also in front of a half taken block', () => {
    const queue = new ByteQueue();
    for (const octet of 'abcdef') queue.push(bytes(octet));
    queue.skip(3);
    queue.unshift(bytes('XY'));
    queue.push(bytes('g'));
    queue.push(bytes('h'));
    expect(queue.takeAll().toString()).toBe('XYdefgh');
  });

  test('indexOfLf() finds a line feed that was put back', () => {
    const queue = new ByteQueue();
    queue.push(bytes('abc'));
    expect(queue.indexOfLf()).toBe(-1);
    queue.unshift(bytes('\n'));
    expect(queue.indexOfLf()).toBe(0);
  });

  test('a long line fed an octet at a time stays linear', () => {
    const queue = new ByteQueue();
    for (let at = 0; at < 300_000; at += 1) {
      queue.push(Buffer.from([0x61]));
      if (queue.indexOfLf() !== -1) throw new Error('found an LF that is not there');
    }
    queue.push(bytes('\n'));
    expect(queue.indexOfLf()).toBe(300_000);
  });

  test('behaves like a string under any mix of operations', () => {
    const operation = fc.oneof(
      fc.record({
        kind: fc.constant('push' as const),
        text: fc.oneof(
          fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 6 }),
          fc.string({ unit: fc.constantFrom('c', 'd'), minLength: 250, maxLength: 700 }),
        ),
      }),
      fc.record({
        kind: fc.constant('unshift' as const),
        text: fc.string({ unit: 'grapheme-ascii', maxLength: 5 }),
      }),
      fc.record({ kind: fc.constantFrom('take', 'skip', 'takeSome'), count: fc.nat(400) }),
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const queue = new ByteQueue();
        let model = '';
        for (const step of operations) {
          if (step.kind === 'push' && 'text' in step) {
            queue.push(bytes(step.text));
            model += step.text;
          } else if (step.kind === 'unshift' && 'text' in step) {
            queue.unshift(bytes(step.text));
            model = step.text + model;
          } else if ('count' in step) {
            const count = Math.min(step.count, model.length);
            if (step.kind === 'skip') {
              queue.skip(step.count);
              model = model.slice(count);
            } else {
              const got = step.kind === 'take' ? queue.take(count) : queue.takeSome(count);
              if (step.kind === 'take') expect(got.length).toBe(count);
              expect(got.toString('latin1')).toBe(model.slice(0, got.length));
              model = model.slice(got.length);
            }
          }
          expect(queue.length).toBe(model.length);
          expect(queue.indexOfLf()).toBe(model.indexOf('\n'));
          expect(queue.peek(3)).toBe(model.length > 3 ? model.charCodeAt(3) : undefined);
        }
        expect(queue.takeAll().toString('latin1')).toBe(model);
      }),
      { numRuns: 300 },
    );
  });
});
