/** What a session does when the store fails, the client misbehaves, or its owner wants an end. */
import { afterEach, describe, expect, it } from 'vitest';
import type { AppendPort, FolderPort, MailboxPort, MessageContent } from './ports.ts';
import type { SessionEnd } from './session-context.ts';
import {
  SessionPeer,
  type SessionPeerOptions,
  createTestMailbox,
  deliver,
} from './testing/session-peer.ts';

const open: SessionPeer[] = [];

afterEach(() => {
  for (const peer of open.splice(0)) peer.client.destroy();
});

function openPeer(options: SessionPeerOptions): SessionPeer {
  const peer = new SessionPeer(options);
  open.push(peer);
  return peer;
}

/** `target` with some functions replaced. */
function replacing<Target extends object>(target: Target, members: Partial<Target>): Target {
  return new Proxy(target, {
    get(_, name) {
      if (Object.hasOwn(members, name)) return Reflect.get(members, name);
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function replacingInFolders(
  mailbox: MailboxPort,
  members: (folder: FolderPort) => Partial<FolderPort>,
): MailboxPort {
  return replacing(mailbox, {
    openFolder: async (path, isReadOnly) => {
      const opened = await mailbox.openFolder(path, isReadOnly);
      return opened.ok
        ? { ok: true, value: replacing(opened.value, members(opened.value)) }
        : opened;
    },
  });
}

const onFire = async (): Promise<never> => {
  throw new Error('disk on fire');
};

/** Larger than what lies in the database. */
const LARGE_BYTES = 300_000;

describe('a store that fails', () => {
  it('before a literal leaves no half line behind', async () => {
    const mailbox = createTestMailbox();
    await deliver(mailbox, Buffer.alloc(LARGE_BYTES, 'x'));
    const peer = openPeer({
      mailbox: replacingInFolders(mailbox, () => ({ openMessage: onFire })),
    });
    await peer.command('a1 SELECT INBOX');
    const { untagged, tagged } = await peer.ask('a2 FETCH 1 (FLAGS BODY.PEEK[])');
    expect(tagged).toMatch(/^a2 NO \[SERVERBUG\]/);
    expect(untagged).toEqual([]);
    expect((await peer.ask('a3 FETCH 1 UID')).untagged).toEqual(['* 1 FETCH (UID 1)']);
    expect(mailbox.holdCount).toBe(1);
  });

  it('within a literal ends the session without another word', async () => {
    const mailbox = createTestMailbox();
    await deliver(mailbox, Buffer.alloc(LARGE_BYTES, 'x'));
    let closedCount = 0;
    const content: MessageContent = {
      sizeBytes: LARGE_BYTES,
      read: async (offset) => (offset === 0 ? Buffer.alloc(65_536, 'x') : await onFire()),
      close: async () => {
        closedCount += 1;
      },
    };
    const peer = openPeer({
      mailbox: replacingInFolders(mailbox, () => ({ openMessage: async () => content })),
    });
    await peer.command('a1 SELECT INBOX');
    peer.send('a2 FETCH 1 BODY.PEEK[]\r\n');
    expect(await peer.readLine()).toBe(`* 1 FETCH (BODY[] {${LARGE_BYTES}}`);
    expect(await peer.readOctets(65_536)).toMatch(/^x+$/);
    await expect(peer.readLine()).rejects.toThrow('ended');
    expect(await peer.ended).toBe('failed' satisfies SessionEnd);
    expect(closedCount).toBe(1);
    expect(mailbox.holdCount).toBe(0);
  });

  it('behind a literal that is sent already ends the session as well', async () => {
    const mailbox = createTestMailbox();
    // Its header is too long to be kept.
    await deliver(mailbox, `${'X-Long: y\r\n'.repeat(5_000)}\r\n`.padEnd(LARGE_BYTES, 'x'));
    let readCount = 0;
    const peer = openPeer({
      mailbox: replacingInFolders(mailbox, (folder) => ({
        readFacts: (uids, names) => {
          readCount += 1;
          return readCount > 1 ? onFire() : folder.readFacts(uids, names);
        },
      })),
    });
    await peer.command('a1 SELECT INBOX');
    peer.send('a2 FETCH 1 (BODY.PEEK[] BODY.PEEK[HEADER])\r\n');
    expect(await peer.readLine()).toBe(`* 1 FETCH (BODY[] {${LARGE_BYTES}}`);
    await peer.readOctets(LARGE_BYTES);
    await expect(peer.readLine()).rejects.toThrow('ended');
    expect(await peer.ended).toBe('failed' satisfies SessionEnd);
  });

  it.each<[string, Partial<AppendPort>]>([
    ['while a message is written', { write: onFire }],
    ['as a write begins', { write: () => raise() }],
    ['as a message is given up', { write: onFire, abort: onFire }],
    ['as a message is committed', { commit: onFire }],
  ])('%s is answered when the message is through, and the session lives', async (_, members) => {
    const mailbox = createTestMailbox();
    let abortedCount = 0;
    const failing = replacing<MailboxPort>(mailbox, {
      startAppend: async (request) => {
        const started = await mailbox.startAppend(request);
        if (!started.ok) return started;
        const abort = async (): Promise<void> => {
          abortedCount += 1;
        };
        return { ok: true, value: { ...started.value, abort, ...members } };
      },
    });
    const peer = openPeer({ mailbox: failing, chunking: 'octets' });
    peer.send('a1 APPEND INBOX {15+}\r\na9 NOOP\r\nabcdef\r\na2 NOOP\r\n');
    expect(await peer.readLine()).toMatch(/^a1 NO \[SERVERBUG\]/);
    expect(await peer.readLine()).toMatch(/^a2 OK/);
    expect(peer.events).toContainEqual(expect.objectContaining({ kind: 'failed' }));
    expect(abortedCount).toBe('write' in members && !('abort' in members) ? 1 : 0);
  });

  it('while changes are told ends at most the session', async () => {
    const mailbox = createTestMailbox();
    let isBroken = false;
    const peer = openPeer({
      mailbox: replacingInFolders(mailbox, (folder) => ({
        get index() {
          if (isBroken) raise();
          return folder.index;
        },
      })),
    });
    await peer.command('a1 SELECT INBOX');
    isBroken = true;
    peer.send('a2 NOOP\r\n');
    expect(await peer.ended).toBe('failed' satisfies SessionEnd);
    expect(mailbox.holdCount).toBe(0);
  });

  it.each(['FETCH 1 BODY.PEEK[]', 'SEARCH BODY x', 'UID SEARCH SUBJECT x'])(
    'is not taken for one whose messages were expunged by %s',
    async (line) => {
      const mailbox = createTestMailbox();
      await deliver(mailbox, 'Subject: x\r\n\r\nx');
      const peer: SessionPeer = openPeer({
        mailbox: replacingInFolders(mailbox, () => ({
          readFacts: async () => {
            peer.session.requestEnd('mail-unavailable');
            return [];
          },
        })),
      });
      await peer.command('a1 SELECT INBOX');
      const { untagged, tagged } = await peer.ask(`a2 ${line}`);
      expect(tagged).toMatch(/^a2 NO \[UNAVAILABLE\]/);
      expect(untagged).toEqual([]);
      expect(await peer.ended).toBe('mail-unavailable');
    },
  );
});

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
    const items = Array.from({ length: 300 }, (_, at) => `BODY.PEEK[]<0.${99_000 + at}>`);
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

describe('the owner of a session', () => {
  it('is not kept waiting by commands that have come already', async () => {
    const peer = openPeer({});
    await peer.command('a0 SELECT INBOX');
    peer.send('t NOOP\r\n'.repeat(5_000));
    expect(await peer.readLine()).toBe('t OK NOOP completed');
    peer.session.requestEnd('shutting-down');
    await drain(peer);
    expect(await peer.ended).toBe('shutting-down');
    expect(peer.events.length).toBeLessThan(5_000);
  });

  it.each(['FETCH 1:* BODY[]', 'SEARCH BODY x', 'UID SEARCH TEXT x'])(
    'ends the session behind %s, which is finished',
    async (line) => {
      const mailbox = createTestMailbox();
      for (let number = 0; number < 300; number += 1) await deliver(mailbox, 'a: b\r\n\r\nx');
      const peer: SessionPeer = openPeer({
        mailbox,
        breathe: async () => {
          peer.session.requestEnd('account-changed');
          await nextTurn();
        },
      });
      await peer.command('s SELECT INBOX');
      peer.send(`a1 ${line}\r\na2 NOOP\r\n`);
      expect((await peer.readAnswer('a1')).tagged).toMatch(/^a1 OK/);
      expect(await peer.readLine()).toMatch(/^\* BYE /);
      expect(await peer.ended).toBe('account-changed');
      expect(mailbox.holdCount).toBe(0);
    },
  );

  it('lets others work between commands that were sent ahead', async () => {
    let breathCount = 0;
    const peer = openPeer({
      breathe: async () => {
        breathCount += 1;
        await nextTurn();
      },
    });
    peer.send('t NOOP\r\n'.repeat(100));
    for (let count = 0; count < 100; count += 1) await peer.readLine();
    expect(breathCount).toBeGreaterThan(10);
  });

  it('ends a session that waits for the rest of a literal', async () => {
    const peer = openPeer({});
    peer.send('a1 CREATE {4}\r\n');
    expect(await peer.readLine()).toMatch(/^\+ /);
    peer.session.requestEnd('shutting-down');
    expect(await peer.readLine()).toMatch(/^\* BYE /);
    expect(await peer.ended).toBe('shutting-down');
  });
});

describe('commands that cannot be done', () => {
  it('do not count as senseless: many messages may be too big', async () => {
    const peer = openPeer({ messageBytes: 10, maxBadCommands: 3 });
    for (let count = 0; count < 6; count += 1) {
      expect(await peer.command('a1 APPEND INBOX {11}')).toMatch(/^a1 NO \[TOOBIG\]/);
      expect(await peer.command('a2 SEARCH CHARSET X-NONE ALL')).toMatch(/^a2 NO \[BADCHARSET/);
    }
  });

  it.each(['{0}', '{0+}'])('include an APPEND of nothing: %s', async (literal) => {
    const peer = openPeer({});
    expect(await peer.command(`a1 APPEND INBOX ${literal}`)).toMatch(/^a1 NO /);
    // The rest of the command of the second, which the first does not send any more.
    if (literal === '{0+}') peer.send('\r\n');
    expect(await peer.command('a2 STATUS INBOX (MESSAGES)')).toMatch(/^a2 OK/);
  });
});

describe('IDLE', () => {
  it.each(['DONE\n', 'DONE \x00\r\n', 'DONE x\r\n', '\r\n'])('does not take %j', async (line) => {
    const peer = openPeer({});
    peer.send(`a1 IDLE\r\n${line}`);
    expect(await peer.readLine()).toMatch(/^\+ /);
    expect(await peer.readLine()).toMatch(/^a1 BAD/);
  });

  it.each(['DONE\r\n', 'done\r\n', 'Done  \r\n'])('takes %j, pipelined', async (line) => {
    const peer = openPeer({});
    peer.send(`a1 IDLE\r\n${line}a2 NOOP\r\n`);
    expect(await peer.readLine()).toMatch(/^\+ /);
    expect(await peer.readLine()).toMatch(/^a1 OK/);
    expect(await peer.readLine()).toMatch(/^a2 OK/);
  });

  it.each<[string, (peer: SessionPeer) => void, SessionEnd]>([
    ['the client goes', (peer) => peer.client.end(), 'client-gone'],
    ['the client is cut off', (peer) => peer.client.destroy(), 'client-gone'],
    ['nothing comes for too long', (peer) => peer.server.timeOut(), 'idle-too-long'],
    ['a line never ends', (peer) => peer.send('x'.repeat(1_000)), 'protocol-error'],
    ['the owner asks', (peer) => peer.session.requestEnd('account-changed'), 'account-changed'],
  ])('ends when %s, and gives everything back', async (_, act, end) => {
    const mailbox = createTestMailbox();
    const peer = openPeer({ mailbox });
    await peer.command('s SELECT INBOX');
    peer.send('a1 IDLE\r\n');
    await peer.readLine();
    act(peer);
    expect(await peer.ended).toBe(end);
    expect(mailbox.holdCount).toBe(0);
  });

  it('tells what changes while its last words are still on their way', async () => {
    const mailbox = createTestMailbox();
    for (let number = 0; number < 3_000; number += 1) await deliver(mailbox, 'a: b\r\n\r\nc');
    const [a, b] = [openPeer({ mailbox }), openPeer({ mailbox })];
    await a.command('s SELECT INBOX');
    await b.command('s SELECT INBOX');
    a.send('a1 IDLE\r\n');
    expect(await a.readLine()).toMatch(/^\+ /);
    await b.command('b1 STORE 1:* +FLAGS.SILENT (\\Seen)');
    await untilQuiet(a);
    await b.command('b2 STORE 1:2 +FLAGS.SILENT (\\Deleted)');
    await b.command('b3 EXPUNGE');
    await deliver(mailbox, 'd: e\r\n\r\n');
    a.send('DONE\r\n');
    const { untagged } = await a.readAnswer('a1');
    expect(untagged.filter((line) => / FETCH /.test(line)).length).toBeGreaterThanOrEqual(3_000);
    expect(untagged.slice(-4)).toEqual([
      '* 2 EXPUNGE',
      '* 1 EXPUNGE',
      '* 2999 EXISTS',
      expect.stringMatching(/ RECENT$/),
    ]);
  });
});

function raise(): never {
  throw new Error('disk on fire');
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Lets the session run until it waits for the client: turns in which nothing is sent. */
async function untilQuiet(peer: SessionPeer): Promise<void> {
  let before = -1;
  for (let quiet = 0; quiet < 20; quiet += 1) {
    if (peer.client.unreadBytes !== before) quiet = 0;
    before = peer.client.unreadBytes;
    await nextTurn();
  }
}

async function drain(peer: SessionPeer): Promise<void> {
  for (;;) {
    const octets = await peer.client.read();
    if (typeof octets === 'string') return;
  }
}
