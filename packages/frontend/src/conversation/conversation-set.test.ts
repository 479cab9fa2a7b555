import { beforeEach, describe, expect, it } from 'vitest';
import { ConversationSet } from './conversation-set.ts';
import {
  createScriptedWorld,
  LineDialogue,
  ScriptedClient,
  settle,
  type ScriptedWorld,
} from '../testing/scripted-ports.ts';

let world: ScriptedWorld;
let set: ConversationSet;
beforeEach(() => {
  world = createScriptedWorld(() => ({
    take: async () => ({ ok: false, reason: 'unreachable', detail: '' }),
  }));
  set = new ConversationSet(world.ports);
});

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
