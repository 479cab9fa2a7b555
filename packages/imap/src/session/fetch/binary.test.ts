/** FETCH BINARY (RFC 3516 §4): what is sent is what was encoded, of messages small and large. */
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { SessionPeer, createTestMailbox, deliver } from '../testing/session-peer.ts';

const open: SessionPeer[] = [];

afterEach(() => {
  for (const peer of open.splice(0)) peer.client.destroy();
});

/** A client with the message selected; the store opens messages of more than 128 KB. */
async function connect(message: Uint8Array | string): Promise<SessionPeer> {
  const mailbox = createTestMailbox();
  await deliver(mailbox, message);
  const peer = new SessionPeer({ mailbox });
  open.push(peer);
  await peer.command('s SELECT INBOX');
  return peer;
}

function single(encoding: string, body: string): string {
  const header = ['Content-Type: text/plain', `Content-Transfer-Encoding: ${encoding}`];
  return `${header.join('\r\n')}\r\n\r\n${body}`;
}

const multipart = [
  'Content-Type: multipart/mixed; boundary="b"',
  '',
  '--b',
  'Content-Transfer-Encoding: Quoted-Printable',
  '',
  'H=C3=A9 =',
  'there',
  '--b',
  'Content-Type: image/png',
  'Content-Transfer-Encoding: base64',
  '',
  'AAEC',
  '--b',
  'Content-Type: message/rfc822',
  '',
  'Subject: inner',
  'Content-Transfer-Encoding: base64',
  '',
  'aGk=',
  '--b--',
  '',
].join('\r\n');

async function answer(peer: SessionPeer, items: string): Promise<string> {
  const { untagged, tagged } = await peer.ask(`a1 FETCH 1 ${items}`);
  expect(tagged).toBe('a1 OK FETCH completed');
  return untagged[0] ?? '';
}

describe('FETCH BINARY', () => {
  it.each([
    ['BINARY.PEEK[1]', 'BINARY[1] {9}\r\nH\xc3\xa9 there'],
    ['BINARY.PEEK[1]<1.2>', 'BINARY[1]<1> {2}\r\n\xc3\xa9'],
    ['BINARY.PEEK[1]<100.2>', 'BINARY[1]<100> {0}\r\n'],
    // RFC 3516 §4.3: literal8 where there is a NUL, and only there.
    ['BINARY.PEEK[2]', 'BINARY[2] ~{3}\r\n\0\x01\x02'],
    ['BINARY.PEEK[2]<1.9>', 'BINARY[2]<1> {2}\r\n\x01\x02'],
    ['BINARY.SIZE[2]', 'BINARY.SIZE[2] 3'],
    ['(BINARY.SIZE[1] BINARY.SIZE[2])', 'BINARY.SIZE[1] 9 BINARY.SIZE[2] 3'],
    // The parts of a message are decoded, the message itself is not (RFC 2045 §6.4).
    ['BINARY.PEEK[3.1]', 'BINARY[3.1] {2}\r\nhi'],
    ['BINARY.SIZE[3]', 'BINARY.SIZE[3] 57'],
    ['BINARY.PEEK[9]', 'BINARY[9] NIL'],
    ['BINARY.SIZE[9]', 'BINARY.SIZE[9] 0'],
    ['BINARY.SIZE[]', `BINARY.SIZE[] ${multipart.length}`],
    ['BINARY.PEEK[]', `BINARY[] {${multipart.length}}\r\n${multipart}`],
  ])('answers %s', async (items, expected) => {
    const peer = await connect(multipart);
    expect(await answer(peer, items)).toBe(`* 1 FETCH (${expected})`);
  });

  it('sets \\Seen unless it peeks or asks for the size only (RFC 3516 §4.2)', async () => {
    const peer = await connect(multipart);
    expect(await answer(peer, '(BINARY.PEEK[1] BINARY.SIZE[1])')).not.toContain('\\Seen');
    expect(await answer(peer, 'BINARY[1]')).toContain('\\Seen');
  });

  it.each(['BINARY.PEEK[1]', 'BINARY.SIZE[1]'])(
    'refuses %s of an encoding that is not known (RFC 3516 §4.3)',
    async (item) => {
      const peer = await connect(single('x-rot13', 'Uryyb'));
      const { tagged } = await peer.ask(`a1 FETCH 1 (UID ${item})`);
      expect(tagged).toMatch(/^a1 NO \[UNKNOWN-CTE\]/);
      expect(await answer(peer, 'BINARY.PEEK[]')).toContain('Uryyb');
    },
  );

  it.each([
    'BINARY',
    'BINARY.SIZE',
    'BINARY[TEXT]',
    'BINARY[1.]',
    'BINARY.SIZE[1]<0.1>',
    'BINARY[0]',
  ])('refuses %s as no item', async (item) => {
    const peer = await connect(single('7bit', ''));
    expect(await peer.command(`a1 FETCH 1 ${item}`)).toMatch(/^a1 BAD/);
  });

  it.each([10, 40_000, 300_000])('gives back %d octets as they were', async (sizeBytes) => {
    const bodies = fc.uint8Array({ minLength: sizeBytes, maxLength: sizeBytes });
    await fc.assert(
      fc.asyncProperty(bodies, fc.nat(sizeBytes), fc.nat(sizeBytes), async (body, start, count) => {
        // What is asked for twice is answered once.
        fc.pre(start > 0 || count > 0);
        const lines = Buffer.from(body).toString('base64').replaceAll(/.{76}/g, '$&\r\n');
        const peer = await connect(single('base64', lines));
        const range = `<${start}.${count + 1}>`;
        const text = await answer(
          peer,
          `(BINARY.PEEK[1] BINARY.SIZE[1] BINARY.PEEK[1]${range} BINARY.PEEK[1]<0.1>)`,
        );
        const all = Buffer.from(body).toString('latin1');
        const part = all.slice(start, start + count + 1);
        expect(text).toBe(
          `* 1 FETCH (BINARY[1] ${literal(all)} BINARY.SIZE[1] ${sizeBytes} BINARY[1]<${start}> ${literal(part)} BINARY[1]<0> ${literal(all.slice(0, 1))})`,
        );
        peer.client.destroy();
      }),
      { numRuns: 3 },
    );
  });
});

function literal(octets: string): string {
  return `${octets.includes('\0') ? '~' : ''}{${octets.length}}\r\n${octets}`;
}
