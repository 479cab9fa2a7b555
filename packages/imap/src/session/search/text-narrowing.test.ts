/** SEARCH asks the store's text index, and looks only into messages that it leaves open. */
import type { TextQuery } from '@homeward/search';
import { afterEach, describe, expect, it } from 'vitest';
import type { Uid } from '../../ids.ts';
import { replacingInFolders } from '../testing/replacing.ts';
import { SessionPeer, createTestMailbox, deliver } from '../testing/session-peer.ts';

const open: SessionPeer[] = [];

afterEach(() => {
  for (const peer of open.splice(0)) peer.client.destroy();
});

const MESSAGES = 40;

interface Indexed {
  readonly peer: SessionPeer;
  readonly asked: TextQuery[];
  readonly read: Set<number>;
}

/** Messages 1 to 40 with "number N" in the body; the index knows all but the last five. */
async function connect(): Promise<Indexed> {
  const mailbox = createTestMailbox();
  for (let number = 1; number <= MESSAGES; number += 1) {
    await deliver(
      mailbox,
      `Subject: ${number % 2 === 0 ? 'even' : 'odd'}\r\n\r\nnumber ${number}.\r\n`,
    );
  }
  const asked: TextQuery[] = [];
  const read = new Set<number>();
  const peer = new SessionPeer({
    mailbox: replacingInFolders(mailbox, (folder) => ({
      findTextCandidates: async (queries) => {
        asked.push(...queries);
        return queries.map((query) => candidatesOf(query));
      },
      readFacts: async (uids, names) => {
        for (const uid of uids) read.add(uid);
        return await folder.readFacts(uids, names);
      },
    })),
  });
  open.push(peer);
  await peer.command('s SELECT INBOX');
  return { peer, asked, read };
}

/** "7" is answered exactly, by number; of subjects and short texts the index knows nothing. */
function candidatesOf({ scope, text }: TextQuery): ReadonlySet<Uid> | undefined {
  if (scope !== 'body' || text.length < 3) return undefined;
  const wanted = /^NUMBER (\d)/.exec(text)?.[1] ?? 'none';
  const may = new Set<Uid>();
  for (let uid = 1; uid <= MESSAGES; uid += 1) {
    if (String(uid).startsWith(wanted) || uid > MESSAGES - 5) may.add(uid as Uid);
  }
  return may;
}

describe('SEARCH with a text index', () => {
  it.each<[line: string, found: readonly number[], lookedInto: number]>([
    ['BODY "number 7"', [7], 6],
    ['BODY "number 1"', [1, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19], 16],
    ['BODY "nothing"', [], 5],
    ['BODY "number 7" BODY "number 1"', [], 5],
    ['OR BODY "number 7" BODY "number 8"', [7, 8], 7],
    ['BODY "number 7" SUBJECT odd', [7], 6],
    ['BODY "number 7" SUBJECT even', [], 6],
    // What is ruled out matches NOT, unread.
    ['NOT BODY "number 4"', [...range(1, 3), ...range(5, 39)], 6],
    ['OR SUBJECT even BODY "number 7"', [...evens(), 7].sort((a, b) => a - b), 40],
    ['BODY "7."', [7, 17, 27, 37], 40],
  ])('%s finds what there is, and looks into %j messages', async (line, found, lookedInto) => {
    const { peer, read } = await connect();
    const { untagged } = await peer.ask(`a SEARCH ${line}`);
    expect(untagged).toEqual([['* SEARCH', ...found].join(' ')]);
    expect(read.size).toBe(lookedInto);
  });

  it('does not ask about few messages', async () => {
    const { peer, asked } = await connect();
    await peer.ask('a SEARCH 1:10 BODY "number 7"');
    expect(asked).toEqual([]);
    await peer.ask('b SEARCH 1:40 BODY "number 7"');
    expect(asked).toEqual([{ scope: 'body', text: 'NUMBER 7' }]);
  });
});

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

function evens(): readonly number[] {
  return range(1, MESSAGES).filter((number) => number % 2 === 0);
}
