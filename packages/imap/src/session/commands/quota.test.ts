/** GETQUOTA, GETQUOTAROOT and SETQUOTA (RFC 9208), and STATUS of what could be freed. */
import { afterEach, describe, expect, it } from 'vitest';
import { SessionPeer, createTestMailbox, deliver } from '../testing/session-peer.ts';

const open: SessionPeer[] = [];

afterEach(() => {
  for (const peer of open.splice(0)) peer.client.destroy();
});

async function ask(
  line: string,
  limits: { readonly quotaBytes?: number; readonly quotaMessages?: number },
): Promise<readonly string[]> {
  const mailbox = createTestMailbox(limits);
  await deliver(mailbox, 'x'.repeat(1025));
  await deliver(mailbox, 'yy', { flags: ['\\Deleted'] });
  const peer = new SessionPeer({ mailbox });
  open.push(peer);
  const { untagged, tagged } = await peer.ask(`a ${line}`);
  return [...untagged, tagged.replace(/(\] | [A-Z]+ )completed$/, '$1').trim()];
}

const both = { quotaBytes: 10_240, quotaMessages: 5 };

describe('quota commands', () => {
  it.each([
    ['GETQUOTA ""', both, ['* QUOTA "" (STORAGE 2 10 MESSAGE 2 5)', 'a OK GETQUOTA']],
    ['GETQUOTA ""', { quotaMessages: 5 }, ['* QUOTA "" (MESSAGE 2 5)', 'a OK GETQUOTA']],
    // RFC 9208 §4.2.1: what is not limited is not named.
    ['GETQUOTA ""', {}, ['* QUOTA "" ()', 'a OK GETQUOTA']],
    [
      'GETQUOTAROOT INBOX',
      both,
      ['* QUOTAROOT INBOX ""', '* QUOTA "" (STORAGE 2 10 MESSAGE 2 5)', 'a OK GETQUOTAROOT'],
    ],
    // RFC 9208 §4.1.2: the mailbox need not exist.
    [
      'GETQUOTAROOT "Not yet"',
      {},
      ['* QUOTAROOT "Not yet" ""', '* QUOTA "" ()', 'a OK GETQUOTAROOT'],
    ],
    ['GETQUOTA other', both, ['a NO [NONEXISTENT] There is no such quota root']],
    ['SETQUOTA "" (STORAGE 99)', both, ['a NO [NOPERM] Quotas are set by the administrator']],
    [
      'STATUS INBOX (DELETED DELETED-STORAGE APPENDLIMIT)',
      {},
      ['* STATUS INBOX (DELETED 1 DELETED-STORAGE 2 APPENDLIMIT 1000000)', 'a OK STATUS'],
    ],
  ])('%s with %j', async (line, limits, expected) => {
    expect(await ask(line, limits)).toEqual(expected);
  });

  it.each(['GETQUOTA', 'GETQUOTAROOT', 'SETQUOTA ""', 'SETQUOTA "" (STORAGE)', 'GETQUOTA a b'])(
    '%s makes no sense',
    async (line) => {
      expect((await ask(line, {})).at(-1)).toMatch(/^a BAD/);
    },
  );
});
