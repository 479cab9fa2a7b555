import { describe, expect, it } from 'vitest';
import { type Reply, ReplyParser } from './load-reply.ts';

function collect(text: string, pieceBytes: number): { replies: Reply[]; continuations: number } {
  const replies: Reply[] = [];
  let continuations = 0;
  const parser = new ReplyParser({
    onReply: (_tag, reply) => replies.push(reply),
    onContinuation: () => (continuations += 1),
    onLine: () => undefined,
  });
  const octets = Buffer.from(text, 'latin1');
  for (let at = 0; at < octets.length; at += pieceBytes) {
    parser.push(octets.subarray(at, at + pieceBytes));
  }
  return { replies, continuations };
}

const DIALOGUE = [
  '* 3 EXISTS\r\n',
  'a1 OK done\r\n',
  '* 1 FETCH (UID 1 BODY[] {14}\r\na9 OK no\r\n* 5\r BODY[1] {2}\r\nxy)\r\n',
  '* 2 FETCH (UID 2)\r\n',
  'a2 OK Fetched\r\n',
  '+ go on\r\n',
  '* SEARCH 4 5\r\n',
  'a3 NO none\r\n',
].join('');

describe('ReplyParser', () => {
  it.each([1, 2, 3, 7, 1000])('counts the same in pieces of %i octets', (pieceBytes) => {
    const { replies, continuations } = collect(DIALOGUE, pieceBytes);
    expect(continuations).toBe(1);
    expect(replies).toEqual([
      { status: 'OK', text: 'OK done', fetchCount: 0, literalBytes: 0, lines: ['3 EXISTS'] },
      { status: 'OK', text: 'OK Fetched', fetchCount: 2, literalBytes: 16, lines: [] },
      { status: 'NO', text: 'NO none', fetchCount: 0, literalBytes: 0, lines: ['SEARCH 4 5'] },
    ]);
  });

  it('takes a tagged line inside a literal for octets', () => {
    const { replies } = collect('* 1 FETCH (BODY[] {9}\r\na1 NO x\r\n)\r\na1 OK y\r\n', 5);
    expect(replies.map(({ status }) => status)).toEqual(['OK']);
  });

  it('takes braces without a number for text', () => {
    const { replies } = collect('* OK {x}\r\na1 OK y\r\n', 4);
    expect(replies).toHaveLength(1);
  });
});
