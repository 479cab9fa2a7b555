import { describe, expect, test } from 'vitest';
import { recogniseForeignClient } from './foreign-client.ts';

describe('recogniseForeignClient()', () => {
  test.each([
    ['\x16\x03\x01\x02\x00', 'tls'],
    ['\x16\x03', 'tls'],
    ['GET / HTTP/1.1\r\n', 'http'],
    ['GET http://example.com/', 'http'],
    ['POST /x', 'http'],
    ['CONNECT example.com:25 HTTP/1.1', 'http'],
    ['OPTIONS * HTTP/1.1', 'http'],
    ['PRI * HTTP/2.0\r\n', 'http'],
  ])('recognises %j as %s', (text, expected) => {
    expect(recogniseForeignClient(Buffer.from(text, 'latin1'))).toBe(expected);
  });

  test.each([
    // An IMAP client may choose any tag.
    ['GET LOGIN a b\r\n', 'none'],
    ['a1 CAPABILITY\r\n', 'none'],
    ['CAPA\r\n', 'none'],
    ['USER anna\r\n', 'none'],
    ['QUIT\r\n', 'none'],
    ['EHLO x\r\n', 'none'],
    ['PUT\r\n', 'none'],
    ['\x16hello', 'none'],
    ['\r\n', 'none'],
    ['', 'need-more'],
    ['\x16', 'need-more'],
    ['G', 'need-more'],
    ['GET ', 'need-more'],
  ])('leaves %j alone: %s', (text, expected) => {
    expect(recogniseForeignClient(Buffer.from(text, 'latin1'))).toBe(expected);
  });

  test('decides the same whatever more comes', () => {
    for (const text of ['GET / HTTP/1.1', '\x16\x03\x01', 'CAPA\r\n', 'OPTIONS x']) {
      const octets = Buffer.from(text, 'latin1');
      const answers = Array.from(octets, (_, at) => recogniseForeignClient(octets.subarray(0, at)));
      const decided = answers.filter((answer) => answer !== 'need-more');
      expect(new Set([...decided, recogniseForeignClient(octets)]).size).toBe(1);
    }
  });
});
