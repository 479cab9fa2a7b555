/** Mod-sequences (RFC 7162) where transcripts cannot reach: UIDs, withheld expunges, no history. */
import { afterEach, describe, expect, it } from 'vitest';
import type { MemoryMailbox } from './memory/memory-mailbox.ts';
import { SessionPeer, createTestMailbox, deliver } from './testing/session-peer.ts';

const open: SessionPeer[] = [];

afterEach(() => {
  for (const peer of open.splice(0)) peer.client.destroy();
});

function connect(mailbox: MemoryMailbox): SessionPeer {
  const peer = new SessionPeer({ mailbox });
  open.push(peer);
  return peer;
}

async function createMailbox(messageCount: number): Promise<MemoryMailbox> {
  const mailbox = createTestMailbox();
  for (let number = 1; number <= messageCount; number += 1) {
    await deliver(mailbox, `Subject: ${number}\r\n\r\nText`);
  }
  return mailbox;
}

/** Two clients with the folder selected: one that enabled something, and another. */
async function openTwo(
  messageCount: number,
  enabled: string,
): Promise<{
  readonly mailbox: MemoryMailbox;
  readonly one: SessionPeer;
  readonly two: SessionPeer;
}> {
  const mailbox = await createMailbox(messageCount);
  const [one, two] = [connect(mailbox), connect(mailbox)];
  await one.command(`e ENABLE ${enabled}`);
  await one.command('s SELECT INBOX');
  await two.command('s SELECT INBOX');
  return { mailbox, one, two };
}

function highestIn(lines: readonly string[]): number {
  const given = /\[HIGHESTMODSEQ (\d+)\]/.exec(lines.join('\n'))?.[1];
  return Number(given ?? Number.NaN);
}

describe('ENABLE', () => {
  it('names each extension once, and nothing that is unknown (RFC 5161 §3.1)', async () => {
    const peer = connect(await createMailbox(0));
    expect((await peer.ask('a1 ENABLE CONDSTORE BOGUS QRESYNC')).untagged).toEqual([
      '* ENABLED CONDSTORE QRESYNC',
    ]);
    expect((await peer.ask('a2 ENABLE condstore')).untagged).toEqual(['* ENABLED']);
  });

  it('tells the mod-sequence of a folder that is selected already (RFC 7162 §3.1)', async () => {
    const peer = connect(await createMailbox(2));
    await peer.command('s SELECT INBOX');
    const { untagged } = await peer.ask('a1 ENABLE CONDSTORE');
    expect(untagged).toEqual([
      expect.stringMatching(/^\* OK \[HIGHESTMODSEQ 3\]/),
      '* ENABLED CONDSTORE',
    ]);
  });
});

describe('a client that knows mod-sequences', () => {
  it.each(['FETCH 1 MODSEQ', 'FETCH 1 FLAGS (CHANGEDSINCE 1)', 'SEARCH MODSEQ 1'])(
    'is one that said %s (RFC 7162 §3.1)',
    async (line) => {
      const mailbox = await createMailbox(1);
      const peer = connect(mailbox);
      await peer.command('s SELECT INBOX');
      expect(highestIn((await peer.ask(`a1 ${line}`)).untagged)).toBe(2);
      const { untagged } = await peer.ask('a2 STORE 1 +FLAGS (\\Seen)');
      expect(untagged).toEqual(['* 1 FETCH (UID 1 FLAGS (\\Seen \\Recent) MODSEQ (3))']);
    },
  );

  it('is told UID and MODSEQ with \\Seen that FETCH set (RFC 7162 §3.2.4)', async () => {
    const { one } = await openTwo(1, 'CONDSTORE');
    const { untagged } = await one.ask('a1 FETCH 1 BODY[TEXT]');
    expect(untagged).toEqual([
      '* 1 FETCH (UID 1 FLAGS (\\Seen \\Recent) MODSEQ (3) BODY[TEXT] {4}\r\nText)',
    ]);
  });

  it('is told what others changed with UID and MODSEQ (RFC 7162 §3.2.4)', async () => {
    const { one, two } = await openTwo(1, 'CONDSTORE');
    await two.command('b1 STORE 1 +FLAGS (\\Flagged)');
    expect((await one.ask('a1 NOOP')).untagged).toEqual([
      expect.stringMatching(/^\* 1 FETCH \(UID 1 FLAGS \(\\Flagged.*\) MODSEQ \(3\)\)$/),
    ]);
  });

  it('hears of what a silent, conditional change met (RFC 7162 §3.1.3)', async () => {
    const { one, two } = await openTwo(2, 'CONDSTORE');
    await two.command('b1 STORE 2 +FLAGS (\\Flagged)');
    const { untagged, tagged } = await one.ask(
      'a1 STORE 1:2 (UNCHANGEDSINCE 3) +FLAGS.SILENT ($X)',
    );
    expect(untagged.filter((line) => line.includes('FETCH'))).toEqual([
      '* 1 FETCH (UID 1 MODSEQ (5))',
      expect.stringMatching(/^\* 2 FETCH \(UID 2 FLAGS \(\\Flagged.*MODSEQ \(4\)\)$/),
    ]);
    expect(tagged).toMatch(/^a1 OK \[MODIFIED 2\]/);
  });

  it('may remember no more than it was told while expunges are withheld (RFC 7162 §3.2)', async () => {
    const { one, two } = await openTwo(3, 'QRESYNC');
    await two.command('b1 STORE 1 +FLAGS.SILENT (\\Deleted)');
    const before = highestIn([await one.command('a0 NOOP'), '[HIGHESTMODSEQ 5]']);
    await two.command('b2 EXPUNGE');
    const { untagged, tagged } = await one.ask('a1 STORE 2 +FLAGS.SILENT (\\Flagged)');
    expect(untagged).toEqual(['* 2 FETCH (UID 2 MODSEQ (7))']);
    expect(highestIn([tagged])).toBe(before);
    const later = await one.ask('a2 NOOP');
    expect(later.untagged[0]).toBe('* VANISHED 1');
    expect(highestIn([later.tagged])).toBe(7);
    expect(highestIn([await one.command('a3 NOOP')])).toBeNaN();
  });

  it('sees that annotations changed (RFC 7162 §3.2)', async () => {
    const { one } = await openTwo(1, 'CONDSTORE');
    const before = await one.ask('a1 STATUS INBOX (HIGHESTMODSEQ)');
    await one.command('a2 SETMETADATA INBOX (/private/comment "x")');
    const after = await one.ask('a3 STATUS INBOX (HIGHESTMODSEQ)');
    expect(before.untagged).toEqual(['* STATUS INBOX (HIGHESTMODSEQ 2)']);
    expect(after.untagged).toEqual(['* STATUS INBOX (HIGHESTMODSEQ 3)']);
  });

  it('is told no mod-sequence by CLOSE (RFC 7162 §3.2.8)', async () => {
    const { one } = await openTwo(1, 'QRESYNC');
    await one.command('a1 STORE 1 +FLAGS (\\Deleted)');
    expect((await one.ask('a2 CLOSE')).tagged).toBe('a2 OK CLOSE completed');
  });

  it('keeps its numbers during UID SEARCH with numbers in it (RFC 7162 §3.2.10.2)', async () => {
    const { one, two } = await openTwo(2, 'QRESYNC');
    await two.command('b1 STORE 1 +FLAGS.SILENT (\\Deleted)');
    await two.command('b2 EXPUNGE');
    expect((await one.ask('a1 UID SEARCH NOT 1')).untagged).not.toContain('* VANISHED 1');
    expect((await one.ask('a2 UID SEARCH ALL')).untagged).toContain('* VANISHED 1');
  });
});

describe('SELECT (QRESYNC …)', () => {
  /** Every third of 30 messages is left, and nobody remembers what became of the others. */
  async function createThinned(): Promise<{
    readonly peer: SessionPeer;
    readonly validity: string;
  }> {
    const mailbox = await createMailbox(30);
    const peer = connect(mailbox);
    await peer.command('e ENABLE QRESYNC');
    const { untagged } = await peer.ask('s SELECT INBOX');
    const doomed = Array.from({ length: 30 }, (_, at) => at + 1).filter((uid) => uid % 3 !== 0);
    await peer.command(`d UID STORE ${doomed.join(',')} +FLAGS.SILENT (\\Deleted)`);
    await peer.command('x EXPUNGE');
    mailbox.forgetExpunged('INBOX');
    return { peer, validity: /\[UIDVALIDITY (\d+)\]/.exec(untagged.join('\n'))?.[1] ?? '' };
  }

  it.each([
    ['1:12', '1:2,4:5,7:8,10:11'],
    ['2:3,28:30', '2,28:29'],
    ['3', undefined],
    // RFC 7162 §3.2.5.2: the fourth message still has UID 12, the sixth no longer has 19.
    ['1:30 (2,4,6 7,12,19)', '13:14,16:17,19:20,22:23,25:26,28:29'],
    ['(4 12)', '13:14,16:17,19:20,22:23,25:26,28:29'],
    ['1:30 (1:10 3:12)', '4:5,7:8,10:11,13:14,16:17,19:20,22:23,25:26,28:29'],
    [
      '1:4294967295 (1:4294967295 1:4294967295)',
      '1:2,4:5,7:8,10:11,13:14,16:17,19:20,22:23,25:26,28:29',
    ],
  ])('without history, tells of %s what is not there', async (known, vanished) => {
    const { peer, validity } = await createThinned();
    const { untagged } = await peer.ask(`a1 SELECT INBOX (QRESYNC (${validity} 1 ${known}))`);
    const told = untagged.filter((line) => line.startsWith('* VANISHED'));
    expect(told).toEqual(vanished === undefined ? [] : [`* VANISHED (EARLIER) ${vanished}`]);
  });

  it('tells nothing to a client that missed nothing', async () => {
    const { peer, validity } = await createThinned();
    const first = await peer.ask('a1 SELECT INBOX');
    const highest = highestIn(first.untagged);
    const { untagged } = await peer.ask(`a2 SELECT INBOX (QRESYNC (${validity} ${highest}))`);
    expect(untagged.filter((line) => /VANISHED|FETCH/.test(line))).toEqual([]);
  });

  it('leaves the selected folder alone where QRESYNC was not enabled (RFC 7162 §3.2.3)', async () => {
    const peer = connect(await createMailbox(1));
    await peer.command('s SELECT INBOX');
    expect(await peer.command('a1 SELECT INBOX (QRESYNC (1 1))')).toMatch(/^a1 BAD/);
    expect(await peer.command('a2 FETCH 1 FLAGS')).toMatch(/^a2 OK/);
    const fetch = 'UID FETCH 1:* FLAGS (CHANGEDSINCE 1 VANISHED)';
    expect(await peer.command(`a3 ${fetch}`)).toMatch(/^a3 BAD/);
  });

  it('says CLOSED also where the next folder cannot be opened (RFC 7162 §3.2.11)', async () => {
    const peer = connect(await createMailbox(1));
    expect((await peer.ask('a0 SELECT INBOX')).untagged.join('\n')).not.toContain('CLOSED');
    const { untagged, tagged } = await peer.ask('a1 SELECT Nowhere');
    expect(untagged).toEqual([expect.stringMatching(/^\* OK \[CLOSED\]/)]);
    expect(tagged).toMatch(/^a1 NO/);
  });

  it('splits what vanished into lines of bounded length', async () => {
    const mailbox = await createMailbox(3_000);
    const peer = connect(mailbox);
    await peer.command('e ENABLE QRESYNC');
    await peer.command('s SELECT INBOX');
    for (let from = 1; from < 3_000; from += 1_000) {
      const odd = Array.from({ length: 500 }, (_, at) => from + at * 2);
      await peer.command(`d STORE ${odd.join(',')} +FLAGS.SILENT (\\Deleted)`);
    }
    const { untagged } = await peer.ask('x EXPUNGE');
    const lines = untagged.filter((line) => line.startsWith('* VANISHED '));
    expect(lines.length).toBeGreaterThan(2);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(8_000);
  });
});
