/** What a session holds and does for a client that does not read, or that is gone. */
import { afterEach, describe, expect, it } from 'vitest';
import type { MessageContent } from './ports.ts';
import { replacing, replacingInFolders } from './testing/replacing.ts';
import {
  SessionPeer,
  type SessionPeerOptions,
  createTestMailbox,
  deliver,
} from './testing/session-peer.ts';
import { drain, nextTurn, untilQuiet } from './testing/turns.ts';

const open: SessionPeer[] = [];

afterEach(() => {
  for (const peer of open.splice(0)) peer.client.destroy();
});

function openPeer(options: SessionPeerOptions = {}): SessionPeer {
  const peer = new SessionPeer(options);
  open.push(peer);
  return peer;
}

describe('a client that does not read', () => {
  it('has no more than some answers gathered for it, however many it asked for', async () => {
    const mailbox = createTestMailbox();
    for (let number = 0; number < 500; number += 1) await deliver(mailbox, 'a: b\r\n\r\n');
    const peer = openPeer({ mailbox });
    await peer.command('s SELECT INBOX');
    // Two megabytes of answers, in one piece of questions.
    peer.send('t UID SEARCH ALL\r\n'.repeat(1_000));
    await untilQuiet(peer);
    expect(peer.client.unreadBytes).toBeLessThan(300_000);
    expect(peer.events.filter(({ kind }) => kind === 'command').length).toBeLessThan(200);
  });

  it('makes the session hold little of what changed, and hears everything later', async () => {
    const mailbox = createTestMailbox();
    const count = 20_000;
    for (let number = 0; number < count; number += 1) await deliver(mailbox, 'a: b\r\n\r\n');
    const [a, b] = [openPeer({ mailbox }), openPeer({ mailbox })];
    await a.command('s SELECT INBOX');
    await b.command('s SELECT INBOX');
    await b.command('b1 STORE 1:* +FLAGS.SILENT (\\Seen)');
    a.send('a1 NOOP\r\n');
    await untilQuiet(a);
    expect(a.client.unreadBytes).toBeLessThan(300_000);
    expect((await a.readAnswer('a1')).untagged).toHaveLength(count);
    await b.command('b2 STORE 1:15000 +FLAGS.SILENT (\\Deleted)');
    await b.command('b3 EXPUNGE');
    await deliver(mailbox, 'a: b\r\n\r\n');
    a.send('a2 NOOP\r\n');
    await untilQuiet(a);
    expect(a.client.unreadBytes).toBeLessThan(300_000);
    const { untagged } = await a.readAnswer('a2');
    expect(untagged.filter((line) => line.endsWith(' EXPUNGE'))).toHaveLength(15_000);
    expect(untagged.filter((line) => line.endsWith(' EXISTS'))).toEqual(['* 5001 EXISTS']);
  });

  it('costs no more than one piece of a message at a time', async () => {
    const mailbox = createTestMailbox();
    await deliver(mailbox, 'a: b\r\n\r\n');
    let readBytes = 0;
    const sizeBytes = 100_000_000;
    const large: MessageContent = {
      sizeBytes,
      read: async (offset, count) => {
        const octets = Buffer.alloc(Math.min(count, sizeBytes - offset), 'x');
        readBytes += octets.length;
        return octets;
      },
      close: async () => undefined,
    };
    const huge = replacingInFolders(mailbox, (folder) => ({
      get index() {
        return replacing(folder.index, { sizeBytesAt: () => sizeBytes });
      },
      readFacts: async (uids) =>
        (await folder.readFacts(uids, new Set())).map((facts) => ({
          ...facts,
          octets: undefined,
        })),
      openMessage: async () => large,
    }));
    const peer = openPeer({ mailbox: huge });
    await peer.command('s SELECT INBOX');
    peer.send('a1 FETCH 1 BODY.PEEK[]\r\n');
    await untilQuiet(peer);
    expect(readBytes).toBeLessThan(300_000);
  });

  it('never has more of the small messages read than fits into a megabyte', async () => {
    const mailbox = createTestMailbox();
    for (let number = 0; number < 100; number += 1) {
      await deliver(mailbox, Buffer.alloc(100_000, 'x'));
    }
    const batches: number[] = [];
    const counted = replacingInFolders(mailbox, (folder) => ({
      readFacts: async (uids, names) => {
        const facts = await folder.readFacts(uids, names);
        batches.push(facts.reduce((sum, { octets }) => sum + (octets?.length ?? 0), 0));
        return facts;
      },
    }));
    const peer = openPeer({ mailbox: counted });
    await peer.command('s SELECT INBOX');
    expect((await peer.ask('a1 FETCH 1:* BODY.PEEK[]')).untagged).toHaveLength(100);
    expect(await peer.command('a2 SEARCH BODY nothing')).toMatch(/^a2 OK/);
    expect(Math.max(...batches)).toBeLessThanOrEqual(1_100_000);
  });

  it('has the parts of one message gathered no more than parts of many', async () => {
    const mailbox = createTestMailbox();
    await deliver(mailbox, Buffer.alloc(100_000, 'x'));
    const peer = openPeer({ mailbox });
    await peer.command('s SELECT INBOX');
    const items = Array.from({ length: 50 }, (_, at) => `BODY.PEEK[]<0.${99_000 + at}>`);
    peer.send(`a1 FETCH 1 (${items.join(' ')})\r\n`);
    await untilQuiet(peer);
    expect(peer.client.unreadBytes).toBeLessThan(300_000);
    expect((await peer.readAnswer('a1')).tagged).toMatch(/^a1 OK/);
  });

  it('cannot keep others waiting by a search for very much', async () => {
    const mailbox = createTestMailbox();
    for (let number = 0; number < 1_000; number += 1) await deliver(mailbox, 'a: b\r\n\r\nc');
    let breathCount = 0;
    const peer = openPeer({
      mailbox,
      breathe: async () => {
        breathCount += 1;
      },
    });
    await peer.command('s SELECT INBOX');
    expect((await peer.ask(`a1 SEARCH ${'UNSEEN '.repeat(1_000)}ALL`)).untagged[0]).toMatch(
      / 1000$/,
    );
    expect(breathCount).toBeGreaterThanOrEqual(9);
    breathCount = 0;
    expect((await peer.ask(`a2 SEARCH ${'BODY c '.repeat(1_000)}ALL`)).untagged[0]).toMatch(
      / 1000$/,
    );
    expect(breathCount).toBeGreaterThanOrEqual(900);
  });

  it('cannot make a header that never ends be gathered', async () => {
    const mailbox = createTestMailbox();
    await deliver(mailbox, `Subject: x\r\n${'X-Long: y\r\n'.repeat(600_000)}`);
    let readBytes = 0;
    const counted = replacingInFolders(mailbox, (folder) => ({
      openMessage: async (uid) => {
        const content = await folder.openMessage(uid);
        return (
          content && {
            ...content,
            read: async (offset, count) => {
              readBytes += count;
              return content.read(offset, count);
            },
          }
        );
      },
    }));
    const peer = openPeer({ mailbox: counted });
    await peer.command('s SELECT INBOX');
    const fetched = await peer.ask('a1 FETCH 1 BODY.PEEK[HEADER.FIELDS (SUBJECT)]');
    expect(fetched.untagged[0]).toContain('Subject: x');
    expect((await peer.ask('a2 SEARCH SUBJECT x')).untagged).toEqual(['* SEARCH 1']);
    expect((await peer.ask('a3 SEARCH TEXT "Subject: x"')).untagged).toEqual(['* SEARCH 1']);
    expect(readBytes).toBeLessThan(3_500_000);
  });
});

describe('a client that goes away', () => {
  it.each(['FETCH 1:* BODY.PEEK[]', 'SEARCH BODY nothing', 'FETCH 1:* FLAGS'])(
    'stops %s soon, and everything is given back',
    async (line) => {
      const mailbox = createTestMailbox();
      for (let number = 0; number < 12_000; number += 1) await deliver(mailbox, 'a: b\r\n\r\nc');
      let breathCount = 0;
      const peer: SessionPeer = openPeer({
        mailbox,
        breathe: async () => {
          breathCount += 1;
          if (breathCount === 2) peer.client.destroy();
          await nextTurn();
        },
      });
      await peer.command('s SELECT INBOX');
      peer.send(`a1 ${line}\r\n`);
      void drain(peer);
      expect(await peer.ended).toBe('client-gone');
      expect(breathCount).toBeLessThanOrEqual(4);
      expect(mailbox.holdCount).toBe(0);
    },
  );

  it('after it said all it had to say is still answered', async () => {
    const mailbox = createTestMailbox();
    for (let number = 0; number < 5_000; number += 1) await deliver(mailbox, 'a: b\r\n\r\nc');
    const peer = openPeer({ mailbox, breathe: nextTurn });
    peer.send('a0 SELECT INBOX\r\na1 FETCH 1:* FLAGS\r\n');
    peer.client.end();
    await peer.readAnswer('a0');
    expect((await peer.readAnswer('a1')).untagged).toHaveLength(5_000);
    expect(await peer.ended).toBe('client-gone');
  });
});
