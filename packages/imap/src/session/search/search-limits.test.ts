/** What SEARCH refuses before it begins, and what becomes of "$" then (RFC 5182 §2.1). */
import { afterEach, describe, expect, it } from 'vitest';
import { SessionPeer, createTestMailbox, deliver } from '../testing/session-peer.ts';

const open: SessionPeer[] = [];

afterEach(() => {
  for (const peer of open.splice(0)) peer.client.destroy();
});

async function connect(): Promise<SessionPeer> {
  const mailbox = createTestMailbox();
  await deliver(mailbox, 'Subject: x\r\n\r\nbody\r\n');
  const peer = new SessionPeer({ mailbox, commandBytes: 64 * 1024 });
  open.push(peer);
  await peer.command('s SELECT INBOX');
  return peer;
}

const times = (count: number, text: (order: number) => string): string =>
  Array.from({ length: count }, (_, order) => text(order)).join(' ');

describe('SEARCH', () => {
  it.each<[string, string, RegExp]>([
    ['an unknown charset', 'SEARCH CHARSET KLINGON ALL', /^a NO \[BADCHARSET \(US-ASCII UTF-8\)\]/],
    ['the same of SORT', 'SORT (DATE) KLINGON ALL', /^a NO \[BADCHARSET/],
    ['the same of THREAD', 'THREAD REFS KLINGON ALL', /^a NO \[BADCHARSET/],
    ['the same of ESEARCH', 'ESEARCH IN (personal) CHARSET KLINGON ALL', /^a NO \[BADCHARSET/],
    ['a long text', `SEARCH BODY ${'x'.repeat(513)}`, /^a NO \[LIMIT\]/],
    ['many texts', `SEARCH ${times(1_001, (order) => `BODY ${order}`)}`, /^a NO \[LIMIT\]/],
    [
      'many header fields',
      `SEARCH ${times(51, (order) => `HEADER X-${order} y`)}`,
      /^a NO \[LIMIT\]/,
    ],
    ['nothing', `SEARCH ${times(1_000, () => 'BODY body')}`, /^a OK/],
    ['nothing else', `SEARCH HEADER Subject ${'x'.repeat(512)}`, /^a OK/],
  ])('refuses %s', async (_what, line, answer) => {
    const peer = await connect();
    expect(await peer.command(`a ${line}`)).toMatch(answer);
  });

  it('leaves nothing in "$" when a search that was to save is refused', async () => {
    const peer = await connect();
    await peer.command('a SEARCH RETURN (SAVE) ALL');
    await peer.command('b SEARCH CHARSET KLINGON ALL');
    expect((await peer.ask('c FETCH $ UID')).untagged).toEqual(['* 1 FETCH (UID 1)']);
    await peer.command('d SEARCH RETURN (SAVE) CHARSET KLINGON ALL');
    expect((await peer.ask('e FETCH $ UID')).untagged).toEqual([]);
  });

  it('asks for "$" as often as somebody likes', async () => {
    const peer = await connect();
    await peer.command('a SEARCH RETURN (SAVE) ALL');
    expect((await peer.ask(`b SEARCH ${times(10_000, () => '$')}`)).untagged).toEqual([
      '* SEARCH 1',
    ]);
  });
});

describe('FETCH and LIST', () => {
  it.each<[string, string, RegExp]>([
    ['items', `FETCH 1 (${times(251, (order) => `BODY.PEEK[]<${order}.1>`)})`, /^a NO \[LIMIT\]/],
    [
      'decoded items',
      `FETCH 1 (${times(17, (order) => `BINARY.PEEK[1]<${order}.1>`)})`,
      /^a NO \[LIMIT\]/,
    ],
    ['patterns', `LIST "" (${times(101, (order) => `a${order}`)})`, /^a NO \[LIMIT\]/],
    ['too few for that', `LIST "" (${times(100, (order) => `a${order}`)})`, /^a OK/],
  ])('refuse %s that are too many', async (_what, line, answer) => {
    const peer = await connect();
    expect(await peer.command(`a ${line}`)).toMatch(answer);
  });
});
