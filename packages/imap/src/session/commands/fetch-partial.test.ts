/** UID FETCH … (PARTIAL …) (RFC 9394 §3.3, §3.4). */
import { afterEach, describe, expect, it } from 'vitest';
import { SessionPeer, createTestMailbox, deliver } from '../testing/session-peer.ts';

const open: SessionPeer[] = [];

afterEach(() => {
  for (const peer of open.splice(0)) peer.client.destroy();
});

/** UIDs 3 to 8. */
async function connect(): Promise<SessionPeer> {
  const mailbox = createTestMailbox();
  for (let number = 1; number <= 8; number += 1)
    await deliver(mailbox, `Subject: ${number}\r\n\r\n`);
  const peer = new SessionPeer({ mailbox });
  open.push(peer);
  await peer.command('s SELECT INBOX');
  await peer.command('d STORE 1:2 +FLAGS.SILENT (\\Deleted)');
  await peer.command('x EXPUNGE');
  return peer;
}

describe('UID FETCH (PARTIAL)', () => {
  it.each([
    ['1:* UID (PARTIAL 1:2)', [3, 4]],
    ['1:* UID (PARTIAL -1:-2)', [7, 8]],
    ['1:* UID (PARTIAL -2:-1)', [7, 8]],
    ['5:* UID (PARTIAL 2:1)', [5, 6]],
    ['1:* UID (PARTIAL 5:100)', [7, 8]],
    ['1:* UID (PARTIAL 7:8)', []],
    ['1:* UID (PARTIAL -6:-100)', [3]],
    ['4:5 UID (PARTIAL 1:1)', [4]],
  ])('answers %s', async (line, uids) => {
    const peer = await connect();
    const { untagged, tagged } = await peer.ask(`a1 UID FETCH ${line}`);
    expect(untagged).toEqual(uids.map((uid) => `* ${uid - 2} FETCH (UID ${uid})`));
    expect(tagged).toMatch(/^a1 OK/);
  });

  it('chooses first and looks for changes then (RFC 9394 §3.4)', async () => {
    const peer = await connect();
    await peer.command('a1 UID STORE 3,8 +FLAGS.SILENT (\\Seen)');
    for (const modifiers of ['PARTIAL -1:-2 CHANGEDSINCE 11', 'CHANGEDSINCE 11 PARTIAL -1:-2']) {
      const { untagged } = await peer.ask(`a2 UID FETCH 1:* UID (${modifiers})`);
      expect(untagged.filter((line) => line.includes('FETCH'))).toEqual([
        expect.stringMatching(/^\* 6 FETCH \(UID 8 MODSEQ/),
      ]);
    }
  });

  it.each([
    'FETCH 1:* UID (PARTIAL 1:2)',
    'UID FETCH 1:* UID (PARTIAL 0:2)',
    'UID FETCH 1:* UID (PARTIAL 1:-2)',
    'UID FETCH 1:* UID (PARTIAL 1:*)',
    'UID FETCH 1:* UID (PARTIAL 1)',
    'UID FETCH 1:* UID (PARTIAL 1:2 PARTIAL 1:2)',
  ])('refuses %s', async (line) => {
    const peer = await connect();
    expect(await peer.command(`a1 ${line}`)).toMatch(/^a1 BAD/);
  });
});
