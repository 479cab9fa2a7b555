/** LIST and LSUB (RFC 3501 §6.3.8, §6.3.9), where a transcript would not be portable. */
import { describe, expect, it } from 'vitest';
import { SessionPeer, createTestMailbox } from '../testing/session-peer.ts';

/** Answers of one command, sorted. */
async function list(folders: readonly string[], line: string): Promise<readonly string[]> {
  const mailbox = createTestMailbox({ specialUses: { Sent: '\\Sent' } });
  for (const path of folders) await mailbox.createFolder(path, true);
  const peer = new SessionPeer({ mailbox });
  await peer.command('a1 UNSUBSCRIBE Sent');
  await peer.command('a2 SUBSCRIBE Gone/Under');
  await peer.command('a3 SUBSCRIBE a/b/c');
  await peer.command('a4 DELETE p');
  const { untagged, tagged } = await peer.ask(`a5 ${line}`);
  peer.client.destroy();
  expect(tagged).toMatch(/^a5 OK/);
  return untagged.map((text) => text.slice(2)).toSorted();
}

describe('LIST', () => {
  it.each<[string, readonly string[]]>([
    ['LIST "" ""', ['LIST (\\Noselect) "/" ""']],
    ['LIST "a/" ""', ['LIST (\\Noselect) "/" ""']],
    ['LIST "" sent', []],
    ['LIST "" Sent', ['LIST (\\HasNoChildren \\Sent) "/" Sent']],
    ['LIST "" p', ['LIST (\\Noselect \\HasChildren) "/" p']],
    ['LIST "" a/%', ['LIST (\\HasChildren) "/" a/b']],
    ['LIST "a/" %', ['LIST (\\HasChildren) "/" a/b']],
    ['LIST a/b %', ['LIST (\\HasChildren) "/" a/b']],
    ['LIST a /p/%', ['LIST (\\HasNoChildren) "/" p/q']],
    ['LIST "" %/%/%', ['LIST (\\HasNoChildren) "/" a/b/c']],
    ['LIST "" *c', ['LIST (\\HasNoChildren) "/" a/b/c']],
    ['LIST "" inbox*', ['LIST (\\HasChildren) "/" INBOX', 'LIST (\\HasNoChildren) "/" INBOX/In']],
    ['LIST inbox/ *', ['LIST (\\HasNoChildren) "/" INBOX/In']],
    ['LIST "" Nowhere', []],
  ])('%s gives %j', async (line, expected) => {
    expect(await list(['a/b/c', 'p/q', 'INBOX/In'], line)).toEqual(expected);
  });
});

describe('extended LIST', () => {
  it.each<[string, readonly string[]]>([
    // RFC 5258 §3: no question for the separator any more.
    ['LIST "" ("")', []],
    [
      'LIST "" (p/q Sent)',
      ['LIST (\\HasNoChildren \\Sent) "/" Sent', 'LIST (\\HasNoChildren) "/" p/q'],
    ],
    ['LIST "" (p/q *q) RETURN (SUBSCRIBED)', ['LIST (\\HasNoChildren) "/" p/q']],
    [
      'LIST "" (INBOX a/b/c) RETURN (SUBSCRIBED CHILDREN)',
      [
        'LIST (\\HasNoChildren \\Subscribed) "/" INBOX',
        'LIST (\\HasNoChildren \\Subscribed) "/" a/b/c',
      ],
    ],
    // RFC 5258 §3.1: subscribed names, whether or not they exist.
    [
      'LIST (SUBSCRIBED) "" *',
      [
        'LIST (\\HasNoChildren \\Subscribed) "/" INBOX',
        'LIST (\\HasNoChildren \\Subscribed) "/" a/b/c',
        'LIST (\\NonExistent \\Subscribed) "/" Gone/Under',
      ],
    ],
    // RFC 5258 §3.5: parents of what the pattern does not reach.
    [
      'LIST (SUBSCRIBED RECURSIVEMATCH) "" %',
      [
        'LIST (\\HasChildren) "/" a ("CHILDINFO" ("SUBSCRIBED"))',
        'LIST (\\HasNoChildren \\Subscribed) "/" INBOX',
        'LIST (\\NonExistent) "/" Gone ("CHILDINFO" ("SUBSCRIBED"))',
      ],
    ],
    // RFC 5258 §3.3 2B: but not of what it does reach.
    [
      'LIST (SUBSCRIBED RECURSIVEMATCH REMOTE) "" *',
      [
        'LIST (\\HasNoChildren \\Subscribed) "/" INBOX',
        'LIST (\\HasNoChildren \\Subscribed) "/" a/b/c',
        'LIST (\\NonExistent \\Subscribed) "/" Gone/Under',
      ],
    ],
    // RFC 6154 §2.
    ['LIST (SPECIAL-USE) "" *', ['LIST (\\HasNoChildren \\Sent) "/" Sent']],
    ['LIST (SPECIAL-USE SUBSCRIBED) "" *', []],
    [
      'LIST "" (p p/q) RETURN (STATUS (MESSAGES SIZE))',
      [
        'LIST (\\HasNoChildren) "/" p/q',
        'LIST (\\Noselect \\HasChildren) "/" p',
        'STATUS p/q (MESSAGES 0 SIZE 0)',
      ],
    ],
    // RFC 5819 §3: what is shown for its children only has no STATUS.
    [
      'LIST (SUBSCRIBED RECURSIVEMATCH) "" a RETURN (STATUS (MESSAGES))',
      ['LIST (\\HasChildren) "/" a ("CHILDINFO" ("SUBSCRIBED"))'],
    ],
  ])('%s gives %j', async (line, expected) => {
    expect(await list(['a/b/c', 'p/q'], line)).toEqual(expected);
  });
});

describe('LSUB', () => {
  it.each<[string, readonly string[]]>([
    ['LSUB "" *', ['LSUB () "/" INBOX', 'LSUB () "/" a/b/c', 'LSUB (\\Noselect) "/" Gone/Under']],
    ['LSUB "" %', ['LSUB () "/" INBOX', 'LSUB (\\Noselect) "/" Gone', 'LSUB (\\Noselect) "/" a']],
    ['LSUB "" a/%', ['LSUB (\\Noselect) "/" a/b']],
    ['LSUB "a/" %', ['LSUB (\\Noselect) "/" a/b']],
    ['LSUB "" inbox', ['LSUB () "/" INBOX']],
    // Only "%" stands for parents of what is subscribed (RFC 3501 §6.3.9).
    ['LSUB "" a', []],
    ['LSUB "" a*', ['LSUB () "/" a/b/c']],
    ['LSUB "" Sent', []],
  ])('%s gives %j', async (line, expected) => {
    expect(await list(['a/b/c', 'p/q'], line)).toEqual(expected);
  });
});
