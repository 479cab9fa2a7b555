import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '@homeward/testkit';
import { WarmPool } from '../warm-pool.ts';
import { ConversationSet } from './conversation-set.ts';
import type { ConversationFilter } from './live-session.ts';
import {
  accountRecord,
  createRecordingLog,
  createScriptedWorld,
  LineDialogue,
  LineUpstream,
  ScriptedClient,
  settle,
  type ScriptedWorld,
} from '../testing/scripted-ports.ts';

let world: ScriptedWorld;
let set: ConversationSet;
beforeEach(() => {
  world = createScriptedWorld(
    (dialler) =>
      new WarmPool({
        dialler,
        createDialogue: () => new LineUpstream(),
        clock: new FakeClock(),
        log: createRecordingLog(),
        limits: { maxPerPlace: 0, maxAgeMs: 1, demandWindowMs: 1, dialBudgetMs: 1 },
      }),
  );
  set = new ConversationSet(world.ports);
});

async function login(line: string, protocol: 'imap' | 'pop3' = 'imap'): Promise<ScriptedClient> {
  const client = new ScriptedClient();
  set.begin({ protocol, client, dialogue: new LineDialogue() });
  client.feed(`LOGIN ${line}\n`);
  await settle();
  return client;
}

describe('ConversationSet', () => {
  it('counts a conversation until it is over', async () => {
    const client = new ScriptedClient();
    set.begin({ protocol: 'imap', client, dialogue: new LineDialogue() });
    expect(set.count).toBe(1);
    client.feed('QUIT\n');
    await settle();
    expect(set.count).toBe(0);
  });

  it('stops all and settles when the last is over', async () => {
    const clients = [new ScriptedClient(), new ScriptedClient()];
    for (const client of clients)
      set.begin({ protocol: 'imap', client, dialogue: new LineDialogue() });
    await settle();
    await set.stopAll();
    for (const client of clients) expect(client.written).toBe('HELLO\nBYE shutting-down\n');
    expect(set.count).toBe(0);
  });

  it('settles at once when there is none', async () => {
    await set.stopAll();
    expect(set.count).toBe(0);
  });

  it('stops whoever comes late', async () => {
    await set.stopAll();
    const client = new ScriptedClient();
    set.begin({ protocol: 'imap', client, dialogue: new LineDialogue() });
    await settle();
    expect(client.written).toBe('HELLO\nBYE shutting-down\n');
    expect(set.count).toBe(0);
  });
});

describe('ConversationSet.find()', () => {
  const ANNA = '01HANNA0000000000000000000';
  const TEAM = '01HTEAM0000000000000000000';

  /** Anna in her own mailbox over IMAP, and in the team's over POP3; somebody before his login. */
  async function populate(): Promise<void> {
    world.mailbox = {
      account: accountRecord({
        id: TEAM as never,
        address: 'team@example.net',
        names: ['team@example.net'],
        home: 'lisbon' as never,
        delegates: [{ accountId: ANNA as never, rights: ['full'] }],
      }),
      credentials: undefined,
    };
    await login('anna right');
    await login('anna right team@example.net', 'pop3');
    const visitor = new ScriptedClient();
    set.begin({ protocol: 'imap', client: visitor, dialogue: new LineDialogue() });
    await settle();
  }

  const own = 'imap anna@example.net dublin';
  const shared = 'pop3 team@example.net lisbon';
  const visitor = 'imap nobody nowhere';
  const rows: readonly [string, ConversationFilter, readonly string[]][] = [
    ['everybody', {}, [own, shared, visitor]],
    ['who logged in', { accountId: ANNA }, [own, shared]],
    ['whose mailbox it is', { accountId: TEAM }, [shared]],
    ['an account without sessions', { accountId: 'x' }, []],
    ['a site', { site: 'lisbon' }, [shared]],
    ['a protocol', { protocol: 'pop3' }, [shared]],
    ['account and protocol', { accountId: ANNA, protocol: 'imap' }, [own]],
    ['a network', { isFrom: (address) => address === '192.0.2.7' }, [own, shared, visitor]],
    ['another network', { isFrom: () => false }, []],
    ['what else is asked', { matches: ({ session }) => session === undefined }, [visitor]],
  ];

  it.each(rows)('finds by %s', async (_, filter, expected) => {
    await populate();
    const found = set
      .find(filter)
      .map(
        ({ protocol, session }) =>
          `${protocol} ${session?.account ?? 'nobody'} ${session?.site ?? 'nowhere'}`,
      );
    expect(found).toEqual(expected);
  });

  it('finds nothing that is over', async () => {
    const [first, second] = [await login('anna right'), await login('anna right')];
    world.relay.splices[0]?.end({ cause: 'client', clientOctets: 0, homeOctets: 0 });
    await settle();
    expect(set.find({ accountId: ANNA })).toHaveLength(1);
    world.relay.splices[1]?.end({ cause: 'client', clientOctets: 0, homeOctets: 0 });
    await settle();
    expect(set.find({ accountId: ANNA })).toEqual([]);
    expect([first.isDestroyed, second.isDestroyed]).toEqual([true, true]);
  });
});

describe('ConversationSet.end()', () => {
  it('ends those that are meant, and no other', async () => {
    await login('anna right');
    await login('anna right', 'pop3');
    expect(set.end({ protocol: 'pop3' }, 'credentials-changed')).toBe(1);
    await settle();
    expect(world.relay.splices.map(({ farewell }) => farewell)).toEqual([
      undefined,
      'BYE credentials-changed\n',
    ]);
    expect(set.count).toBe(1);
  });

  it('hurries one whose right is revoked while it takes its time to end, and no other', async () => {
    const asked: string[] = [];
    world.ports.ender = { end: (_, reason) => void asked.push(reason) };
    await login('anna right');
    for (const reason of ['draining', 'kicked', 'credentials-changed', 'account-disabled'] as const)
      set.end({}, reason);
    expect(asked).toEqual(['draining', 'credentials-changed']);
  });

  it('leaves one whose login is under way to who listens to sessions that begin', async () => {
    let letIn: () => void = () => {};
    world.dialler.script = (home) => {
      letIn = () => home.feed('OK CAPS\n');
      home.feed('HELLO\n');
    };
    const cease = set.onSession((conversation) => conversation.end('account-disabled'));
    await login('anna right');
    expect(set.end({ accountId: '01HANNA0000000000000000000' }, 'kicked')).toBe(0);
    letIn();
    await settle();
    expect(world.relay.splices[0]?.farewell).toBe('BYE account-disabled\n');
    cease();
    await login('anna right');
    letIn();
    await settle();
    expect(world.relay.splices[1]?.farewell).toBeUndefined();
  });
});
