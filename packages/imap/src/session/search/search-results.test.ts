/**
 * How SEARCH and SORT answer: ESEARCH (RFC 4731), SEARCHRES (RFC 5182), PARTIAL (RFC 9394),
 * ESORT (RFC 5267), WITHIN (RFC 5032), SORT and THREAD (RFC 5256).
 */
import { afterEach, describe, expect, it } from 'vitest';
import { SessionPeer, createTestMailbox, deliver } from '../testing/session-peer.ts';

const open: SessionPeer[] = [];

afterEach(() => {
  for (const peer of open.splice(0)) peer.client.destroy();
});

const message = (fields: Record<string, string>): string =>
  `${Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\nbody\r\n`;

/** Five messages, UIDs 2 to 6; the second and the fourth are flagged. */
async function connect(): Promise<SessionPeer> {
  const mailbox = createTestMailbox();
  await deliver(mailbox, 'x', { flags: ['\\Deleted'] });
  const letters = [
    {
      Subject: 'Re: plan',
      From: 'Zoe <b@x>',
      Date: 'Tue, 3 Feb 2026 10:00:00 +0000',
      'In-Reply-To': '<1@x>',
    },
    {
      Subject: 'plan',
      From: 'anna <c@x>',
      Date: 'Mon, 2 Feb 2026 10:00:00 +0000',
      'Message-ID': '<1@x>',
    },
    { Subject: 'Apples', From: 'a@x', Date: 'Wed, 4 Feb 2026 10:00:00 +0000' },
    { Subject: 'Fwd: apples', From: 'd@x', Date: 'Thu, 5 Feb 2026 10:00:00 +0000' },
    { From: 'e@x', Date: 'Sun, 1 Feb 2026 10:00:00 +0000', Subject: 'zebra' },
  ];
  for (const [order, letter] of letters.entries()) {
    await deliver(mailbox, message(letter), { flags: order % 2 === 1 ? ['\\Flagged'] : [] });
  }
  const peer = new SessionPeer({ mailbox });
  open.push(peer);
  await peer.command('s SELECT INBOX');
  await peer.command('e EXPUNGE');
  return peer;
}

async function say(peer: SessionPeer, line: string): Promise<readonly string[]> {
  const { untagged, tagged } = await peer.ask(`a ${line}`);
  expect(tagged).toMatch(/^a OK/);
  return untagged.map((text) => text.slice(2));
}

describe('SEARCH … RETURN', () => {
  it.each<[string, readonly string[]]>([
    ['SEARCH FLAGGED', ['SEARCH 2 4']],
    ['UID SEARCH FLAGGED', ['SEARCH 3 5']],
    ['SEARCH RETURN () FLAGGED', ['ESEARCH (TAG "a") ALL 2,4']],
    ['SEARCH RETURN (MIN MAX COUNT) ALL', ['ESEARCH (TAG "a") MIN 1 MAX 5 COUNT 5']],
    ['UID SEARCH RETURN (ALL COUNT) ALL', ['ESEARCH (TAG "a") UID COUNT 5 ALL 2:6']],
    // RFC 4731 §3.1: without a result the response is there all the same.
    ['SEARCH RETURN (MIN MAX ALL) DELETED', ['ESEARCH (TAG "a")']],
    ['SEARCH RETURN (COUNT) DELETED', ['ESEARCH (TAG "a") COUNT 0']],
    ['UID SEARCH RETURN (PARTIAL 2:3) ALL', ['ESEARCH (TAG "a") UID PARTIAL (2:3 3:4)']],
    ['SEARCH RETURN (PARTIAL -1:-2) ALL', ['ESEARCH (TAG "a") PARTIAL (-1:-2 4:5)']],
    ['SEARCH RETURN (PARTIAL 9:10) ALL', ['ESEARCH (TAG "a") PARTIAL (9:10 NIL)']],
    ['SEARCH RETURN (ALL) CHARSET UTF-8 SUBJECT plan', ['ESEARCH (TAG "a") ALL 1:2']],
    // RFC 5182 §2.1: SAVE alone tells nothing.
    ['SEARCH RETURN (SAVE) FLAGGED', []],
    ['SEARCH RETURN (SAVE COUNT) FLAGGED', ['ESEARCH (TAG "a") COUNT 2']],
  ])('%s gives %j', async (line, expected) => {
    expect(await say(await connect(), line)).toEqual(expected);
  });

  it('tells the highest mod-sequence of what it names (RFC 4731 §3.2)', async () => {
    const peer = await connect();
    await peer.command('s STORE 2 +FLAGS (\\Seen)');
    const modSeqOf = (lines: readonly string[]): number =>
      Number(/^ESEARCH .* MODSEQ (\d+)$/m.exec(lines.join('\n'))?.[1]);
    const all = modSeqOf(await say(peer, 'SEARCH RETURN (ALL) MODSEQ 1'));
    const last = modSeqOf(await say(peer, 'SEARCH RETURN (MAX) MODSEQ 1'));
    expect(last).toBeGreaterThan(0);
    expect(all).toBeGreaterThan(last);
  });

  it.each([
    'SEARCH RETURN (BOGUS) ALL',
    'SEARCH RETURN ALL ALL',
    'SEARCH RETURN (ALL)',
    'SEARCH RETURN (PARTIAL) ALL',
    'SEARCH RETURN (PARTIAL 0:1) ALL',
    'SEARCH RETURN (PARTIAL 1:-1) ALL',
    'SEARCH RETURN (PARTIAL 1:*) ALL',
    // RFC 9394 §3.1.
    'SEARCH RETURN (ALL PARTIAL 1:2) ALL',
    'SEARCH RETURN (PARTIAL 1:2 PARTIAL 3:4) ALL',
    'SEARCH OLDER 0',
    'SORT ALL',
    'SORT () UTF-8 ALL',
    'SORT (BOGUS) UTF-8 ALL',
    'SORT (REVERSE) UTF-8 ALL',
    'SORT (DATE) ALL',
    'THREAD BOGUS UTF-8 ALL',
    'THREAD REFERENCES ALL',
  ])('%s makes no sense', async (line) => {
    const peer = await connect();
    expect(await peer.command(`a ${line}`)).toMatch(/^a (?:BAD|NO \[BADCHARSET)/);
  });
});

describe('"$" (RFC 5182)', () => {
  it.each<[string, string, readonly string[]]>([
    ['SEARCH RETURN (SAVE) FLAGGED', 'FETCH $ UID', ['2 FETCH (UID 3)', '4 FETCH (UID 5)']],
    ['UID SEARCH RETURN (SAVE) FLAGGED', 'UID FETCH $ UID', ['2 FETCH (UID 3)', '4 FETCH (UID 5)']],
    ['SEARCH RETURN (SAVE) FLAGGED', 'SEARCH NOT $', ['SEARCH 1 3 5']],
    ['SEARCH RETURN (SAVE) FLAGGED', 'SEARCH UID $ SUBJECT plan', ['SEARCH 2']],
    ['SEARCH RETURN (SAVE MIN) ALL', 'FETCH $ UID', ['1 FETCH (UID 2)']],
    ['SEARCH RETURN (SAVE MIN MAX) ALL', 'SEARCH $', ['SEARCH 1 5']],
    ['SEARCH RETURN (SAVE MIN COUNT) ALL', 'SEARCH $', ['SEARCH 1 2 3 4 5']],
    ['SEARCH RETURN (SAVE PARTIAL 2:3 MAX) ALL', 'SEARCH $', ['SEARCH 2 3 5']],
    ['SEARCH RETURN (SAVE) DELETED', 'FETCH $ UID', []],
    ['SORT RETURN (SAVE) (REVERSE ARRIVAL) UTF-8 FLAGGED', 'SEARCH $', ['SEARCH 2 4']],
    // A search that does not save changes nothing.
    ['SEARCH RETURN (COUNT) ALL', 'FETCH $ UID', []],
  ])('after %s, %s gives %j', async (first, second, expected) => {
    const peer = await connect();
    await say(peer, first);
    expect(await say(peer, second)).toEqual(expected);
  });

  it('loses what is expunged, and everything at the next SELECT', async () => {
    const peer = await connect();
    await say(peer, 'SEARCH RETURN (SAVE) FLAGGED');
    await say(peer, 'STORE $ +FLAGS.SILENT (\\Deleted)');
    await say(peer, 'UID EXPUNGE 3');
    expect(await say(peer, 'FETCH $ UID')).toEqual(['3 FETCH (UID 5)']);
    await peer.command('s SELECT INBOX');
    expect(await say(peer, 'FETCH $ UID')).toEqual([]);
  });
});

describe('SEARCH OLDER and YOUNGER (RFC 5032)', () => {
  it.each<[string, readonly string[]]>([
    // Everything arrived at the very moment of the search.
    ['SEARCH YOUNGER 60', ['SEARCH 1 2 3 4 5']],
    ['SEARCH OLDER 60', ['SEARCH']],
    ['SEARCH NOT OLDER 4294967295', ['SEARCH 1 2 3 4 5']],
  ])('%s gives %j', async (line, expected) => {
    expect(await say(await connect(), line)).toEqual(expected);
  });
});

describe('SORT', () => {
  it.each<[string, readonly string[]]>([
    ['SORT (DATE) UTF-8 ALL', ['SORT 5 2 1 3 4']],
    ['SORT (REVERSE DATE) US-ASCII ALL', ['SORT 4 3 1 2 5']],
    ['UID SORT (SUBJECT REVERSE DATE) UTF-8 ALL', ['SORT 5 4 2 3 6']],
    ['SORT (FROM) UTF-8 ALL', ['SORT 3 1 2 4 5']],
    ['SORT (DISPLAYFROM) UTF-8 ALL', ['SORT 3 2 4 5 1']],
    // RFC 5256 §3: equals stay in the order of their numbers.
    ['SORT (REVERSE ARRIVAL) UTF-8 FLAGGED', ['SORT 2 4']],
    ['SORT (SIZE) UTF-8 DELETED', ['SORT']],
    ['SORT RETURN () (REVERSE DATE) UTF-8 ALL', ['ESEARCH (TAG "a") ALL 4,3,1:2,5']],
    [
      'UID SORT RETURN (MIN MAX COUNT) (DATE) UTF-8 ALL',
      ['ESEARCH (TAG "a") UID MIN 6 MAX 5 COUNT 5'],
    ],
    ['SORT RETURN (PARTIAL 1:2) (DATE) UTF-8 ALL', ['ESEARCH (TAG "a") PARTIAL (1:2 5,2)']],
  ])('%s gives %j', async (line, expected) => {
    expect(await say(await connect(), line)).toEqual(expected);
  });
});

describe('THREAD', () => {
  it.each<[string, readonly string[]]>([
    ['THREAD REFERENCES UTF-8 ALL', ['THREAD (5)(2 1)(3 4)']],
    ['UID THREAD REFERENCES UTF-8 ALL', ['THREAD (6)(3 2)(4 5)']],
    ['THREAD ORDEREDSUBJECT UTF-8 ALL', ['THREAD (5)(2 1)(3 4)']],
    ['THREAD REFS UTF-8 ALL', ['THREAD (2 1)(3)(4)(5)']],
    ['THREAD REFERENCES UTF-8 DELETED', ['THREAD']],
  ])('%s gives %j', async (line, expected) => {
    expect(await say(await connect(), line)).toEqual(expected);
  });
});
