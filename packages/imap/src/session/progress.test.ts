/** INPROGRESS (RFC 9585): said of what takes long, and of nothing else. */
import { afterEach, describe, expect, it } from 'vitest';
import { replacingInFolders } from './testing/replacing.ts';
import { SessionPeer, createTestMailbox, deliver } from './testing/session-peer.ts';
import { untilQuiet } from './testing/turns.ts';

const open: SessionPeer[] = [];

afterEach(() => {
  for (const peer of open.splice(0)) peer.client.destroy();
});

async function createMailbox(messageCount: number) {
  const mailbox = createTestMailbox();
  await mailbox.createFolder('Other', true);
  for (let number = 1; number <= messageCount; number += 1) {
    await deliver(mailbox, `Subject: ${number}\r\n\r\nText`);
  }
  return mailbox;
}

describe('a command that takes long', () => {
  it.each([
    ['FETCH 1:* (EMAILID)', /^\* OK \[INPROGRESS \("a1" 200 250\)\] /],
    ['SEARCH BODY nothing', /^\* OK \[INPROGRESS \("a1" 100 250\)\] /],
  ])('says how far %s is, every ten seconds', async (line, word) => {
    let nowMs = 0;
    // Each pause takes twelve seconds.
    const breathe = async (): Promise<void> => {
      nowMs += 12_000;
    };
    const peer = new SessionPeer({
      mailbox: await createMailbox(250),
      breathe,
      nowMs: () => nowMs,
    });
    open.push(peer);
    await peer.command('s SELECT INBOX');
    const { untagged } = await peer.ask(`a1 ${line}`);
    const words = untagged.filter((text) => text.includes('INPROGRESS'));
    expect(words.length).toBeGreaterThan(0);
    expect(words.filter((text) => word.test(text))).toHaveLength(1);
    expect(words.length).toBeLessThan(5);
  });

  it('says nothing if it is quick', async () => {
    const peer = new SessionPeer({ mailbox: await createMailbox(250) });
    open.push(peer);
    await peer.command('s SELECT INBOX');
    const { untagged } = await peer.ask('a1 FETCH 1:* (EMAILID)');
    expect(untagged.join('\n')).not.toContain('INPROGRESS');
  });

  it('says that it is at work while the store is', async () => {
    const gate = Promise.withResolvers<void>();
    const mailbox = replacingInFolders(await createMailbox(500), (folder) => ({
      copy: async (uids, path) => {
        await gate.promise;
        return folder.copy(uids, path);
      },
    }));
    const peer = new SessionPeer({ mailbox });
    open.push(peer);
    await peer.command('s SELECT INBOX');
    peer.send('a1 COPY 1:* Other\r\n');
    await untilQuiet(peer);
    for (const remind of peer.reminders) remind();
    expect(await peer.readLine()).toBe('* OK [INPROGRESS ("a1" NIL NIL)] Still working');
    gate.resolve();
    expect((await peer.readAnswer('a1')).tagged).toMatch(/^a1 OK \[COPYUID/);
    expect(peer.reminders.size).toBe(0);
  });
});
