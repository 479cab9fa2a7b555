import { describe, expect, test } from 'vitest';
import { ExchangeWatch } from './exchange-watch.ts';
import { allLines, isUnasked, isWhole, lastLines } from './last-exchange.ts';

function octets(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

describe('ExchangeWatch', () => {
  test('knows of nothing at first', () => {
    const { command, answer, before } = new ExchangeWatch().last;
    expect([command.octetCount, answer.octetCount, before]).toEqual([0, 0, undefined]);
  });

  test('gathers what one side says in several chunks, and keeps the exchange before', () => {
    const watch = new ExchangeWatch();
    watch.fromClient(octets('a1 NO'));
    watch.fromClient(octets('OP\r\n'));
    watch.fromServer(octets('a1 OK\r\n'));
    watch.fromServer(octets('* 1 EXISTS\r\n'));
    watch.fromClient(octets('a2 NOOP\r\n'));
    const { command, answer, before } = watch.last;
    expect([command.tail, answer.tail]).toEqual(['a2 NOOP\r\n', '']);
    expect(before?.command.tail).toBe('a1 NOOP\r\n');
    expect(before?.answer.tail).toBe('a1 OK\r\n* 1 EXISTS\r\n');
  });

  test.each([1, 7, 100, 256, 257, 1_000])('is of bounded size, in chunks of %i octets', (size) => {
    const text = Array.from({ length: 500 }, (_, index) => `line ${index}\r\n`).join('');
    const watch = new ExchangeWatch();
    for (let at = 0; at < text.length; at += size) {
      watch.fromServer(octets(text.slice(at, at + size)));
    }
    const { head, tail, octetCount } = watch.last.answer;
    expect([head, tail, octetCount]).toEqual([text.slice(0, 128), text.slice(-256), text.length]);
  });

  test.each([1, 7, 100, 127, 128, 255, 256, 257, 300, 5_000])(
    'knows how its last line begins and ends, however long, in chunks of %i octets',
    (size) => {
      for (const lineBytes of [0, 1, 127, 128, 254, 255, 256, 257, 383, 384, 600, 4_000]) {
        const line = Array.from({ length: lineBytes }, (_, index) => index % 10).join('');
        for (const before of ['', 'x\n', `${'y'.repeat(300)}\r\n`, 'z\r\n'.repeat(200)]) {
          for (const ending of ['\n', '\r\n']) {
            const watch = new ExchangeWatch();
            const text = before + line + ending;
            for (let at = 0; at < text.length; at += size) {
              watch.fromServer(octets(text.slice(at, at + size)));
            }
            const { answer } = watch.last;
            const last = lastLines(answer)?.at(-1) ?? 'none';
            expect(answer.lineAt).toBe(before.length);
            const isKept = lineBytes + ending.length <= 384;
            const inTail = 256 - ending.length;
            expect(last).toBe(isKept ? line : line.slice(0, 128) + line.slice(-inTail));
            expect(answer.lineHead.length).toBeLessThanOrEqual(128);
          }
        }
      }
    },
  );

  test('keeps no octets of a buffer that is used again', () => {
    const buffer = Buffer.from('a1 NOOP\r\n');
    const watch = new ExchangeWatch();
    watch.fromClient(buffer);
    buffer.fill(0);
    expect(watch.last.command.tail).toBe('a1 NOOP\r\n');
  });
});

describe('lastLines()', () => {
  test.each([
    ['', undefined],
    ['a', undefined],
    ['a\r\nb', undefined],
    ['a\r\n', ['a']],
    ['a\nb\r\n', ['a', 'b']],
    ['\r\n', ['']],
  ])('of %j: %j', (tail, lines) => {
    const said = { octetCount: tail.length, head: '', tail, lineAt: 0, lineHead: '' };
    expect([lastLines(said), allLines(said)]).toEqual([lines, lines]);
  });

  test.each([
    ['x\r\nb\r\n', ['b']],
    ['x\r', undefined],
  ])('leaves out a line whose beginning is lost: %j', (tail, lines) => {
    const said = { octetCount: 1_000, head: '', tail, lineAt: 997, lineHead: '' };
    expect([isWhole(said), lastLines(said), allLines(said)]).toEqual([false, lines, undefined]);
  });
});

describe('isUnasked()', () => {
  test.each([
    ['', '', true],
    ['', '* 1 EXISTS\r\n', true],
    ['', '* 1 EX', false],
    ['a', '', false],
    ['a NOOP\r\n', 'a OK\r\n', false],
  ])('client %j, server %j: %j', (client, server, expected) => {
    const watch = new ExchangeWatch();
    if (client !== '') watch.fromClient(octets(client));
    if (server !== '') watch.fromServer(octets(server));
    expect(isUnasked(watch.last)).toBe(expected);
  });
});
