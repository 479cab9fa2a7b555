/** A whole conversation over scripted ports: order of octets, interruptions, what is reported. */
import { FakeClock } from '@homeward/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { WarmPool } from '../warm-pool.ts';
import type { ConversationId } from './conversation-id.ts';
import { Conversation } from './conversation.ts';
import {
  createRecordingLog,
  createScriptedWorld,
  LineDialogue,
  LineUpstream,
  ScriptedClient,
  settle,
  type ScriptedWorld,
} from '../testing/scripted-ports.ts';

let world: ScriptedWorld;
let client: ScriptedClient;
let conversation: Conversation;
let running: Promise<void>;

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
});

function begin(): void {
  client = new ScriptedClient();
  const conversationId = 'C1' as ConversationId;
  conversation = new Conversation(
    { conversationId, protocol: 'imap', client, dialogue: new LineDialogue() },
    world.ports,
  );
  running = conversation.run();
}

async function say(text: string): Promise<void> {
  client.feed(text);
  await settle();
}

/** Nothing is left: no timer, no claim, no connection. */
async function expectOver(): Promise<void> {
  await running;
  expect(client.isDestroyed).toBe(true);
  expect(world.clock.timerCount).toBe(0);
  expect(world.claims.size).toBe(0);
  expect(world.metrics.openCount).toBe(0);
  for (const { home } of world.dialler.dialled) expect(home.isDestroyed).toBe(true);
}

describe('Conversation before login', () => {
  it('greets, refuses with the reference, and lets the client try again', async () => {
    begin();
    await say('LOGIN anna wrong\n');
    await say('LOGIN nobody right\n');
    expect(client.written).toBe('HELLO\nNO bad-credentials - C1\nNO bad-credentials - C1\n');
    await say('LOGIN anna right\n');
    expect(client.written).toContain('OK CAPS\n');
    world.relay.splices[0]?.end({ cause: 'client', clientOctets: 1, homeOctets: 2 });
    await expectOver();
    expect(world.metrics.outcomes).toEqual(['wrong-password', 'unknown-user', 'ok', 'client']);
  });

  it('says goodbye to a client that says nothing for the time limit', async () => {
    begin();
    await settle();
    world.clock.advance(60_000);
    await expectOver();
    expect(client.written).toBe('HELLO\nBYE idle\n');
    expect(client.isClosed).toBe(true);
  });

  it('says goodbye to a client that dribbles, at the same moment', async () => {
    begin();
    await settle();
    for (let second = 0; second < 59; second += 1) {
      world.clock.advance(1000);
      await say('x');
    }
    expect(client.isDestroyed).toBe(false);
    world.clock.advance(1000);
    await expectOver();
    expect(client.written).toBe('HELLO\nBYE idle\n');
  });

  it('gives the time limit anew after a refused login', async () => {
    begin();
    await settle();
    world.clock.advance(59_000);
    await say('LOGIN anna wrong\n');
    world.clock.advance(59_000);
    await settle();
    expect(client.isDestroyed).toBe(false);
    world.clock.advance(1000);
    await expectOver();
  });

  it('does not count the time of a login against the client', async () => {
    begin();
    world.dialler.script = () => {};
    await settle();
    world.clock.advance(59_000);
    await say('LOGIN anna right\n');
    world.clock.advance(4500);
    await settle();
    expect(client.written).toBe('HELLO\nNO unavailable - C1\n');
    await say('LOGIN anna wrong\n');
    expect(client.written).toContain('NO bad-credentials');
    await say('QUIT\n');
    await expectOver();
  });

  it('says goodbye to a client that does not read', async () => {
    begin();
    await settle();
    client.drained = new Promise(() => {});
    await say('LOGIN anna wrong\n');
    world.clock.advance(60_000);
    await expectOver();
  });

  it('drops a client whose handshake never ends', async () => {
    begin();
    client.tlsOutcome = new Promise(() => {});
    await say('STARTTLS\n');
    world.clock.advance(60_000);
    await expectOver();
  });

  it('drops a client whose handshake fails', async () => {
    begin();
    client.tlsOutcome = Promise.resolve(false);
    await say('STARTTLS\nLOGIN anna right\n');
    await expectOver();
    expect(world.verifications).toEqual([]);
  });

  it('goes on after TLS without what came before it', async () => {
    begin();
    await say('STARTTLS\nLOGIN anna right\n');
    expect(world.verifications).toEqual([]);
    await say('QUIT\n');
    await expectOver();
  });

  it('says goodbye when it is stopped', async () => {
    begin();
    await settle();
    conversation.end('shutting-down');
    await expectOver();
    expect(client.written).toBe('HELLO\nBYE shutting-down\n');
  });

  it('says goodbye when it is stopped before it began', async () => {
    client = new ScriptedClient();
    const conversationId = 'C1' as ConversationId;
    conversation = new Conversation(
      { conversationId, protocol: 'imap', client, dialogue: new LineDialogue() },
      world.ports,
    );
    conversation.end('shutting-down');
    running = conversation.run();
    await expectOver();
    expect(client.written).toBe('HELLO\nBYE shutting-down\n');
  });

  it.each(['ended', 'broken'] as const)('closes when the client is %s', async (end) => {
    begin();
    await settle();
    client.finish(end);
    await expectOver();
  });

  it('answers unavailable by the deadline and lets the client try again', async () => {
    begin();
    world.dialler.script = () => {};
    await say('LOGIN anna right\n');
    world.clock.advance(4500);
    await settle();
    expect(client.written).toBe('HELLO\nNO unavailable - C1\n');
    await say('QUIT\n');
    await expectOver();
  });

  it('claims anew only when an earlier claim was given back', async () => {
    const order: string[] = [];
    const { registry } = world.ports;
    let letRelease: () => void = () => {};
    world.ports.registry = {
      async claim(session) {
        order.push('claim');
        return registry.claim(session);
      },
      async release(session) {
        await new Promise<void>((resolve) => {
          letRelease = resolve;
        });
        order.push('release');
        await registry.release(session);
      },
    };
    const { site } = world;
    world.site = undefined;
    begin();
    await say('LOGIN anna right\n');
    world.site = site;
    await say('LOGIN anna right\n');
    expect(order).toEqual(['claim']);
    letRelease();
    await settle();
    expect(order).toEqual(['claim', 'release', 'claim']);
    expect(client.written).toContain('OK CAPS');
    world.relay.splices[0]?.end({ cause: 'client', clientOctets: 0, homeOctets: 0 });
    await settle();
    letRelease();
    await expectOver();
  });

  it('never logs the password', async () => {
    begin();
    await say('LOGIN anna s3cret\n');
    await say('QUIT\n');
    await expectOver();
    expect(world.log.events.length).toBeGreaterThan(0);
    expect(JSON.stringify(world.log.events)).not.toContain('s3cret');
  });

  it('tells of logins that the dialogue declined, which have the reference, too', async () => {
    begin();
    await say('DECLINE\n');
    expect(client.written).toBe('HELLO\nNO declined\n');
    await say('LOGIN anna wrong\n');
    await say('QUIT\n');
    await expectOver();
    expect(world.log.events.at(-1)).toMatchObject({
      event: 'conversation.ended',
      fields: { conversationId: 'C1', refusalCount: 2, declined: 'privacy-required' },
    });
  });

  it('does not make news of a visitor that never tried', async () => {
    begin();
    await say('QUIT\n');
    await expectOver();
    expect(world.log.events.map(({ event }) => event)).toEqual(['visitor.left']);
  });
});

describe('Conversation after login', () => {
  it('passes on in order what either side sent early', async () => {
    world.dialler.script = (home) => {
      home.onWrite = () => home.feed('OK CAPS\n* home early');
      home.feed('HELLO\n');
    };
    begin();
    await say('LOGIN anna right\nearly one\nearly two');
    expect(client.written).toBe('HELLO\nOK CAPS\n* home early');
    expect(world.dialler.dialled[0]?.home.written).toBe('TICKET ticket-1\nearly one\nearly two');
    world.relay.splices[0]?.end({ cause: 'home', clientOctets: 1, homeOctets: 2 });
    await expectOver();
  });

  it('reports once, with who, where, how long, how much and who ended it', async () => {
    begin();
    await say('LOGIN anna right\n');
    world.clock.advance(5000);
    world.relay.splices[0]?.end({ cause: 'client', clientOctets: 11, homeOctets: 22 });
    await expectOver();
    const ended = world.log.events.filter(({ event }) => event !== 'login.accepted');
    expect(ended).toEqual([
      {
        event: 'conversation.ended',
        fields: {
          conversationId: 'C1',
          protocol: 'imap',
          clientAddress: '192.0.2.7',
          tls: 'TLSv1.3',
          durationMs: 5000,
          accountId: '01HANNA0000000000000000000',
          account: 'anna@example.net',
          site: 'dublin',
          loginMs: 0,
          clientOctets: 11,
          homeOctets: 22,
          endedBy: 'client',
        },
      },
    ]);
  });

  it('holds no timer and keeps its claim while it is spliced', async () => {
    begin();
    await say('LOGIN anna right\n');
    expect(world.clock.timerCount).toBe(0);
    expect(world.claims.size).toBe(1);
    conversation.end('shutting-down');
    await expectOver();
    expect(world.relay.splices[0]?.farewell).toBe('BYE shutting-down\n');
  });

  it('is ended for one reason, the first: in words, in the log and in the count', async () => {
    begin();
    await say('LOGIN anna right\n');
    conversation.end('kicked');
    conversation.end('draining');
    await expectOver();
    expect(world.relay.splices[0]?.farewell).toBe('BYE kicked\n');
    expect(world.log.events.at(-1)?.fields).toMatchObject({ endedBy: 'kicked' });
    expect(world.metrics.outcomes).toEqual(['ok', 'kicked']);
  });

  it('is stopped right behind its OK when the stop came during the login', async () => {
    let letIn: () => void = () => {};
    world.dialler.script = (home) => {
      letIn = () => home.feed('OK CAPS\n');
      home.feed('HELLO\n');
    };
    begin();
    await say('LOGIN anna right\n');
    conversation.end('shutting-down');
    await settle();
    expect(client.isDestroyed).toBe(false);
    letIn();
    await expectOver();
    expect(client.written).toBe('HELLO\nOK CAPS\n');
    expect(world.relay.splices[0]?.farewell).toBe('BYE shutting-down\n');
  });

  it('gives everything back when the splice breaks by a bug', async () => {
    world.ports.relay = {
      splice() {
        throw new Error('bug');
      },
    };
    begin();
    await say('LOGIN anna right\n');
    await expectOver();
    expect(world.log.events.at(-1)).toMatchObject({ event: 'conversation.failed' });
  });
});
