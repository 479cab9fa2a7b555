import { describe, expect, it } from 'vitest';
import { DialoguePeer } from './dialogue-peer.ts';
import { type Chunking, type MemoryStream, createMemoryStreamPair } from './memory-stream.ts';

function open(
  chunking: Chunking = 'as-written',
  waitMs: number = 1000,
): { peer: DialoguePeer; other: MemoryStream } {
  const { client, server } = createMemoryStreamPair({ chunking });
  return { peer: new DialoguePeer(client, { waitMs }), other: server };
}

describe.each<Chunking>(['as-written', 'octets', { seed: 3 }])('DialoguePeer, cut %j', (cut) => {
  it('reads lines, with CRLF and with a bare LF', async () => {
    const { peer, other } = open(cut);
    void other.write('one\r\ntwo\n\r\nfour\r\n');
    expect(await peer.readLine()).toBe('one');
    expect(await peer.readLine()).toBe('two');
    expect(await peer.readLine()).toBe('');
    await peer.expectLine('four');
  });

  it('reads a response with literals that hold line ends', async () => {
    const { peer, other } = open(cut);
    void other.write('* 1 FETCH (A {4}\r\n\r\n\xff) B {0}\r\n)\r\nT1 OK done\r\n');
    expect(await peer.readUntilTagged('T1')).toEqual({
      status: 'OK',
      text: 'OK done',
      untagged: ['* 1 FETCH (A {4}\r\n\r\n\xff) B {0}\r\n)'],
    });
  });

  it('reads dot lines and takes the dots off', async () => {
    const { peer, other } = open(cut);
    void other.write('a\r\n..b\r\n\r\n.\r\n+OK\r\n');
    expect(await peer.readDotLines()).toEqual(['a', '.b', '']);
    await peer.expectLine('+OK');
  });

  it('reads to the end', async () => {
    const { peer, other } = open(cut);
    void other.write('rest');
    other.end();
    expect(await peer.readToEnd()).toEqual({ octets: Buffer.from('rest'), end: 'ended' });
  });
});

describe('DialoguePeer', () => {
  it('sends commands under tags of its own', async () => {
    const { peer, other } = open();
    void other.write('* 1 EXISTS\r\nT1 OK\r\nT2 NO [ALERT] no\r\n');
    expect(await peer.command('NOOP')).toMatchObject({ status: 'OK', untagged: ['* 1 EXISTS'] });
    expect(await peer.command('NOOP')).toMatchObject({ status: 'NO', text: 'NO [ALERT] no' });
    expect(Buffer.from((await other.read()) as Uint8Array).toString()).toBe('T1 NOOP\r\n');
  });

  it('gives the captures of an expected line', async () => {
    const { peer, other } = open();
    void other.write('+OK <17.x@y>\r\n');
    expect((await peer.expectLine(/^\+OK <(\d+)/))[1]).toBe('17');
  });

  it('takes an expected text as it is, not as a pattern', async () => {
    const { peer, other } = open();
    void other.write('abc\r\n');
    await expect(peer.expectLine('a.c')).rejects.toThrow('expected a.c but got abc');
  });

  it('says what was waited for and what was said before', async () => {
    const { peer, other } = open('as-written', 30);
    void other.write('* OK ready\r\nT1 O');
    await peer.readLine();
    await expect(peer.command('NOOP')).rejects.toThrow(
      /^server: waited 30 ms for a line; unread: 'T1 O'\n {2}<- \* OK ready\n {2}-> T1 NOOP/,
    );
  });

  it('loses nothing when a wait was given up', async () => {
    const { peer, other } = open('as-written', 20);
    await expect(peer.readLine()).rejects.toThrow('waited 20 ms');
    void other.write('late\r\n');
    expect(await peer.readLine()).toBe('late');
  });

  it('fails when the connection ends in mid-line', async () => {
    const { peer, other } = open();
    void other.write('half');
    other.end();
    await expect(peer.readLine()).rejects.toThrow(/ended; unread: 'half'/);
  });

  it('expectEnd() refuses further octets', async () => {
    const { peer, other } = open();
    void other.write('more');
    other.end();
    await expect(peer.expectEnd()).rejects.toThrow('expected the end but got more');
  });

  it('expectOk() refuses NO', async () => {
    const { peer, other } = open();
    void other.write('T1 NO nothing\r\n');
    await expect(peer.expectOk('NOOP')).rejects.toThrow('expected OK but got NO nothing');
  });
});
