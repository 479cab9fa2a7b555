/** Waiting for what a session does, in turns of the event loop and never in time. */
import type { SessionPeer } from './session-peer.ts';

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await nextTurn();
}

/** Lets the session run until it waits for the client: turns in which nothing is sent. */
export async function untilQuiet(peer: SessionPeer): Promise<void> {
  let before = -1;
  for (let quiet = 0; quiet < 20; quiet += 1) {
    if (peer.client.unreadBytes !== before) quiet = 0;
    before = peer.client.unreadBytes;
    await nextTurn();
  }
}

/** Reads and forgets until the end. */
export async function drain(peer: SessionPeer): Promise<void> {
  for (;;) {
    const octets = await peer.client.read();
    if (typeof octets === 'string') return;
  }
}
