/** Which sessions are judged when; the judging itself has tests of its own. */
import {
  DirectoryUnavailableError,
  type AccountId,
  type DirectoryChange,
  type LoginRecord,
} from '@homeward/directory';
import { FakeClock } from '@homeward/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import type {
  ConversationFilter,
  LiveConversation,
  SessionFacts,
} from '../conversation/live-session.ts';
import { accountRecord, settle } from '../testing/scripted-ports.ts';
import { RevocationWatch } from './revocation-watch.ts';

let clock: FakeClock;
let live: LiveConversation[];
let ended: string[];
let loads: string[];
let faults: unknown[];
let enabled: Set<string>;
let failure: Error | undefined;
let mostAtOnce: number;
let tell: (change: DirectoryChange) => void;
let begin: (conversation: LiveConversation) => void;
let watch: RevocationWatch;

function sessionOf(accountId: string, delegateId?: string): LiveConversation {
  const session: SessionFacts = {
    accountId,
    account: `${accountId}@example.net`,
    delegateId,
    site: accountRecord().home,
    workerIndex: 0,
    loginMs: 1,
    access: 'full',
    secret: { kind: 'token', expiresAtMs: 1 },
  };
  return {
    conversationId: accountId as never,
    protocol: 'imap',
    clientAddress: '192.0.2.1',
    session,
    end: (reason) => ended.push(`${accountId} ${reason}`),
  };
}

const changed = (id: string): DirectoryChange => ({
  area: 'account',
  id: id as AccountId,
  names: [],
  grantees: [],
});

beforeEach(() => {
  clock = new FakeClock();
  [live, ended, loads, faults] = [[], [], [], []];
  enabled = new Set(['anna', 'bob']);
  failure = undefined;
  mostAtOnce = 0;
  let running = 0;
  watch = new RevocationWatch({
    driver: {
      subscribe(listener) {
        tell = listener;
        return () => {
          tell = () => undefined;
        };
      },
      async loadLogin(id) {
        loads.push(id);
        running += 1;
        mostAtOnce = Math.max(mostAtOnce, running);
        await settle();
        running -= 1;
        if (failure !== undefined) throw failure;
        const account = accountRecord({ id, isEnabled: enabled.has(id) });
        return { account, credentials: undefined } satisfies LoginRecord;
      },
    },
    conversations: {
      find(filter?: ConversationFilter) {
        const accountId = filter?.accountId;
        return live.filter(
          ({ session }) =>
            accountId === undefined ||
            session?.accountId === accountId ||
            session?.delegateId === accountId,
        );
      },
      onSession(listener) {
        begin = listener;
        return () => {
          begin = () => undefined;
        };
      },
    },
    clock,
    onFault: (error) => faults.push(error),
  });
});

/** Until nothing is read any more. */
async function quiet(): Promise<void> {
  for (let count = -1; count !== loads.length; await settle()) {
    count = loads.length;
    await settle();
  }
}

describe('RevocationWatch', () => {
  it('judges the sessions that a change concerns, and reads nobody else', async () => {
    live = [sessionOf('anna'), sessionOf('bob')];
    enabled.delete('anna');
    tell(changed('anna'));
    tell(changed('nobody-here'));
    await quiet();
    expect(ended).toEqual(['anna account-disabled']);
    expect(loads).toEqual(['anna']);
  });

  it('judges a delegate’s session by either account', async () => {
    live = [sessionOf('anna', 'bob')];
    enabled.delete('bob');
    tell(changed('bob'));
    await quiet();
    expect(ended).toEqual(['anna account-disabled']);
  });

  it('judges a session that began by what was before a change', async () => {
    tell(changed('anna'));
    await quiet();
    enabled.delete('anna');
    clock.advance(10_000);
    const session = sessionOf('anna');
    live = [session];
    begin(session);
    await quiet();
    expect(ended).toEqual(['anna account-disabled']);
  });

  it('reads nothing for a session that begins long after', async () => {
    tell(changed('anna'));
    clock.advance(30_001);
    live = [sessionOf('anna')];
    begin(sessionOf('anna'));
    await quiet();
    expect(loads).toEqual([]);
  });

  it('judges all when something was missed, a few at a time', async () => {
    live = Array.from({ length: 100 }, (_, index) => sessionOf(`id${index}`));
    enabled = new Set(live.map(({ session }) => session?.accountId ?? ''));
    enabled.delete('id42');
    tell({ area: 'everything' });
    await expect.poll(() => loads.length).toBe(100);
    await quiet();
    expect(ended).toEqual(['id42 account-disabled']);
    expect(mostAtOnce).toBe(8);
    const late = sessionOf('id42');
    live.push(late);
    begin(late);
    await quiet();
    expect(ended).toHaveLength(3);
  });

  it('lets everybody stay while the directory is away', async () => {
    live = [sessionOf('anna')];
    enabled.delete('anna');
    failure = new DirectoryUnavailableError('away');
    tell(changed('anna'));
    await quiet();
    expect(ended).toEqual([]);
    expect(faults).toEqual([]);
    failure = undefined;
    tell({ area: 'everything' });
    await quiet();
    expect(ended).toEqual(['anna account-disabled']);
  });

  it('tells of a bug, and judges the others', async () => {
    live = [sessionOf('anna'), sessionOf('bob')];
    failure = new Error('a bug');
    tell(changed('anna'));
    await quiet();
    failure = undefined;
    enabled.delete('bob');
    tell(changed('bob'));
    await quiet();
    expect(faults).toHaveLength(1);
    expect(ended).toEqual(['bob account-disabled']);
  });

  it('hears nothing once it is closed', async () => {
    live = [sessionOf('anna')];
    enabled.delete('anna');
    watch.close();
    tell(changed('anna'));
    begin(sessionOf('anna'));
    await quiet();
    expect(loads).toEqual([]);
  });
});
