/** COMPRESS (RFC 4978): when the stream's owner is told, and when not. */
import { afterEach, describe, expect, it } from 'vitest';
import { SessionPeer } from '../testing/session-peer.ts';

const open: SessionPeer[] = [];

afterEach(() => {
  for (const peer of open.splice(0)) peer.client.destroy();
});

function connect(): SessionPeer {
  const peer = new SessionPeer();
  open.push(peer);
  return peer;
}

describe('COMPRESS', () => {
  it('starts behind its tagged answer, and once', async () => {
    const peer = connect();
    expect(peer.compressedEarly).toBeUndefined();
    expect(await peer.command('a1 COMPRESS DEFLATE')).toMatch(/^a1 OK/);
    expect(peer.compressedEarly).toBe('');
    peer.compressedEarly = undefined;
    expect(await peer.command('a2 compress deflate')).toMatch(/^a2 NO \[COMPRESSIONACTIVE\]/);
    expect(peer.compressedEarly).toBeUndefined();
  });

  it('hands on what came behind it, unread', async () => {
    const peer = connect();
    peer.send('a1 COMPRESS DEFLATE\r\nab\r\nc');
    await peer.readAnswer('a1');
    expect(await peer.command('a2 NOOP')).toMatch(/^a2 OK/);
    expect(peer.compressedEarly).toBe('ab\r\nc');
  });

  it.each(['COMPRESS', 'COMPRESS GZIP', 'COMPRESS DEFLATE 9', 'COMPRESS "DEFLATE"'])(
    'is refused as %s',
    async (line) => {
      const peer = connect();
      expect(await peer.command(`a1 ${line}`)).toMatch(/^a1 BAD/);
      expect(peer.compressedEarly).toBeUndefined();
    },
  );
});
