/** Looking into messages for SEARCH BODY and TEXT, whatever they are encoded in. */
import { foldForSearch } from '@homeward/mime';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { SessionPeer, createTestMailbox, deliver } from '../testing/session-peer.ts';
import { createNeedleSearch } from './range-text.ts';

describe('createNeedleSearch()', () => {
  it('finds in pieces what it would find in the whole', () => {
    const text = fc.string({ unit: fc.constantFrom('A', 'B', 'C'), maxLength: 60 });
    const needle = fc.string({ unit: fc.constantFrom('A', 'B', 'C'), minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(text), fc.array(needle, { maxLength: 4 }), (pieces, needles) => {
        const search = createNeedleSearch(needles);
        let isDone = needles.length === 0;
        for (const piece of pieces) isDone = search.push(piece);
        const found = needles.map((sought) => pieces.join('').includes(sought));
        expect(needles.map((_, order) => search.isFound(order))).toEqual(found);
        expect(isDone).toBe(pieces.length === 0 ? needles.length === 0 : !found.includes(false));
      }),
    );
  });
});

const open: SessionPeer[] = [];

afterEach(() => {
  for (const peer of open.splice(0)) peer.client.destroy();
});

async function search(message: Buffer, text: string): Promise<boolean> {
  const mailbox = createTestMailbox();
  await deliver(mailbox, message);
  const peer = new SessionPeer({ mailbox });
  open.push(peer);
  await peer.command('s SELECT INBOX');
  const octets = Buffer.from(text).toString('latin1');
  const line = `a1 SEARCH CHARSET UTF-8 BODY {${octets.length}+}\r\n${octets}`;
  return (await peer.ask(line)).untagged[0] === '* SEARCH 1';
}

function message(type: string, encoding: string, body: Buffer): Buffer {
  const header = `Content-Type: ${type}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`;
  return Buffer.concat([Buffer.from(header), body]);
}

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

describe('SEARCH BODY', () => {
  it.each<[string, Buffer]>([
    ['ASCII', message('text/plain', '7bit', latin1('say GRUSS now'))],
    ['ASCII in UTF-8', message('text/html; charset=UTF-8', '8bit', latin1('<b>gruss</b>'))],
    ['base64', message('text/plain', 'base64', latin1(latin1('gruss').toString('base64')))],
    ['quoted-printable', message('text/plain', 'quoted-printable', latin1('gr=\r\nuss'))],
    ['UTF-16, which is no ASCII', message('text/plain; charset=utf-16be', '8bit', utf16('gruss'))],
    ['UTF-7', message('text/plain; charset=utf-7', '7bit', latin1('+AGcAcg-uss'))],
  ])('finds "gruss" in %s', async (_, octets) => {
    expect(await search(octets, 'gruss')).toBe(true);
    expect(await search(octets, 'grusz')).toBe(false);
  });

  it.each<[string, Buffer]>([
    ['UTF-8', message('text/plain; charset=utf-8', '8bit', Buffer.from('Schöne Grüße'))],
    ['Latin-1', message('text/plain; charset=iso-8859-1', '8bit', latin1('Schöne Grüße'))],
    ['capitals', message('text/plain; charset=utf-8', '8bit', Buffer.from('GRÜSSE'))],
  ])('finds "grüße" in %s', async (_, octets) => {
    expect(await search(octets, 'grüße')).toBe(true);
    expect(await search(octets, 'grüzi')).toBe(false);
  });

  it('takes the octets of another script for what they are', async () => {
    // In ISO-2022-JP, ASCII octets are Japanese between escapes.
    const body = latin1('\x1b$B$3$s$K$A$O\x1b(B');
    const octets = message('text/plain; charset=iso-2022-jp', '7bit', body);
    expect(await search(octets, 'こんにちは')).toBe(true);
    expect(await search(octets, '$3$s')).toBe(false);
  });

  it('finds what lies across the pieces of a large message', async () => {
    const body = Buffer.alloc(400_000, 'x');
    body.write('over the edge', 65_536 - 60);
    body.write(' NEEDLE', 399_900);
    const octets = message('text/plain', '7bit', body);
    for (const text of ['over the edge', 'needle', foldForSearch('xneedle').slice(1)]) {
      expect(await search(octets, text)).toBe(true);
    }
    expect(await search(octets, 'over the ledge')).toBe(false);
  });

  it.each(['image/png', 'application/pdf'])('does not look into %s', async (type) => {
    expect(await search(message(type, '7bit', latin1('gruss')), 'gruss')).toBe(false);
  });
});
