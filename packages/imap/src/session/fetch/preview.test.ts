/** PREVIEW (RFC 8970) and SAVEDATE (RFC 8514), and what a search makes of the latter. */
import { afterEach, describe, expect, it } from 'vitest';
import type { MemoryMailbox } from '../memory/memory-mailbox.ts';
import type { MailboxPort } from '../ports.ts';
import { replacingInFolders } from '../testing/replacing.ts';
import { SessionPeer, createTestMailbox, deliver } from '../testing/session-peer.ts';

const open: SessionPeer[] = [];

afterEach(() => {
  for (const peer of open.splice(0)) peer.client.destroy();
});

async function connect(mailbox: MailboxPort): Promise<SessionPeer> {
  const peer = new SessionPeer({ mailbox });
  open.push(peer);
  await peer.command('s SELECT INBOX');
  return peer;
}

async function createMailbox(...messages: readonly string[]): Promise<MemoryMailbox> {
  const mailbox = createTestMailbox();
  for (const message of messages) await deliver(mailbox, message);
  return mailbox;
}

/** A store that keeps neither previews nor dates, as for messages from before it did. */
function withoutFacts(mailbox: MailboxPort): MailboxPort {
  return replacingInFolders(mailbox, (folder) => ({
    readFacts: async (uids, names) => {
      const facts = await folder.readFacts(uids, names);
      return facts.map((fact) => ({ ...fact, preview: undefined, saveDateMs: undefined }));
    },
  }));
}

const plain = 'Content-Type: text/plain; charset=utf-8\r\n\r\nH\u00e9llo\r\n\r\nworld\r\n';
const preview = 'PREVIEW {12}\r\nH\xc3\xa9llo world';

describe('FETCH PREVIEW', () => {
  it.each(['PREVIEW', '(PREVIEW)', '(PREVIEW (LAZY))', 'preview (lazy)'])(
    'gives what was made at arrival for %s',
    async (items) => {
      const peer = await connect(await createMailbox(plain));
      expect((await peer.ask(`a1 FETCH 1 ${items}`)).untagged).toEqual([`* 1 FETCH (${preview})`]);
    },
  );

  it('makes one where there is none, unless the client is in a hurry (RFC 8970 §4.1)', async () => {
    const late = `Content-Type: text/html\r\n\r\n<style>${'a{} '.repeat(10_000)}</style>Late`;
    const peer = await connect(
      withoutFacts(await createMailbox(plain, late, 'Subject: x\r\n\r\n')),
    );
    const lazy = await peer.ask('a1 FETCH 1:3 PREVIEW (LAZY)');
    expect(lazy.untagged).toEqual([1, 2, 3].map((number) => `* ${number} FETCH (PREVIEW NIL)`));
    expect((await peer.ask('a2 FETCH 1:3 (PREVIEW UID)')).untagged).toEqual([
      `* 1 FETCH (UID 1 ${preview})`,
      '* 2 FETCH (UID 2 PREVIEW "Late")',
      '* 3 FETCH (UID 3 PREVIEW "")',
    ]);
  });

  it('does not set \\Seen', async () => {
    const peer = await connect(await createMailbox(plain));
    await peer.command('a1 FETCH 1 PREVIEW');
    expect((await peer.ask('a2 FETCH 1 FLAGS')).untagged[0]).not.toContain('Seen');
  });

  it('leaves the modifiers of FETCH to FETCH', async () => {
    const peer = await connect(await createMailbox(plain));
    const { untagged } = await peer.ask('a1 FETCH 1 PREVIEW (CHANGEDSINCE 1)');
    expect(untagged.at(-1)).toBe(`* 1 FETCH (MODSEQ (2) ${preview})`);
  });

  it.each(['PREVIEW (EAGER)', '(PREVIEW ())', '(PREVIEW (LAZY LAZY))', 'PREVIEW(LAZY)'])(
    'refuses %s',
    async (items) => {
      const peer = await connect(await createMailbox(plain));
      expect(await peer.command(`a1 FETCH 1 ${items}`)).toMatch(/^a1 BAD/);
    },
  );
});

describe('SAVEDATE', () => {
  /** A message saved on 5-Jan-2026, and another that was copied there a day later. */
  async function createDated(): Promise<MemoryMailbox> {
    let day = 4;
    const mailbox = createTestMailbox({ nowMs: () => Date.UTC(2026, 0, day, 23, 30) });
    await mailbox.createFolder('Other', true);
    await deliver(mailbox, plain, { path: 'Other' });
    day = 5;
    await deliver(mailbox, plain);
    day = 6;
    const other = await mailbox.openFolder('Other', false);
    if (!other.ok) throw new Error(other.reason);
    const [first] = other.value.index.uids.values;
    await other.value.copy([first as never], 'INBOX');
    other.value.close();
    return mailbox;
  }

  it('is when a message came into its folder, however it came (RFC 8514 §3)', async () => {
    const peer = await connect(await createDated());
    expect((await peer.ask('a1 FETCH 1:2 (SAVEDATE INTERNALDATE)')).untagged).toEqual([
      '* 1 FETCH (INTERNALDATE " 5-Jan-2026 23:30:00 +0000" SAVEDATE " 5-Jan-2026 23:30:00 +0000")',
      '* 2 FETCH (INTERNALDATE " 4-Jan-2026 23:30:00 +0000" SAVEDATE " 6-Jan-2026 23:30:00 +0000")',
    ]);
  });

  it.each([
    ['SAVEDBEFORE 6-Jan-2026', ' 1'],
    ['SAVEDON 6-Jan-2026', ' 2'],
    ['SAVEDSINCE 6-Jan-2026', ' 2'],
    ['NOT SAVEDSINCE 5-Jan-2026', ''],
    ['SAVEDON 6-Jan-2026 SMALLER 10', ''],
    ['SAVEDATESUPPORTED', ' 1 2'],
  ])('is looked for by %s (RFC 8514 §4.3)', async (criteria, found) => {
    const peer = await connect(await createDated());
    expect((await peer.ask(`a1 SEARCH ${criteria}`)).untagged).toEqual([`* SEARCH${found}`]);
  });

  it('is NIL where nobody knows it, and the internal date is looked for', async () => {
    const peer = await connect(withoutFacts(await createDated()));
    expect((await peer.ask('a1 FETCH 2 SAVEDATE')).untagged).toEqual(['* 2 FETCH (SAVEDATE NIL)']);
    expect((await peer.ask('a2 SEARCH SAVEDON 4-Jan-2026')).untagged).toEqual(['* SEARCH 2']);
  });

  it.each(['SAVEDON', 'SAVEDON x', 'SAVEDBEFORE', 'SAVEDATESUPPORTED 1-Jan-2026'])(
    'is not to be looked for by %s',
    async (criteria) => {
      const peer = await connect(await createMailbox());
      expect(await peer.command(`a1 SEARCH ${criteria}`)).toMatch(/^a1 BAD/);
    },
  );
});
