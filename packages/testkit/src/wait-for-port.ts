/** For servers that do not say when they listen. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';

const connectAttempts = 250;
const connectPauseMs = 20;

/**
 * Waits until somebody takes connections on a port of 127.0.0.1; throws after five seconds.
 *
 * @param isOver Nobody will any more: throws at once.
 */
export async function waitForPort(
  port: number,
  isOver: () => boolean = () => false,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch (error) {
      if (attempt === connectAttempts || isOver()) throw error;
      await setTimeout(connectPauseMs);
    } finally {
      socket.destroy();
    }
  }
}
