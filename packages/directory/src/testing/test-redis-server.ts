/** A private redis-server for this package's tests: starts, stops, freezes and comes back. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { createTempFolder, findFreePort } from '@homeward/testkit';

export interface TestRedisServer {
  readonly url: string;
  readonly port: number;
  /** Ends the process at once and waits until it is gone. */
  kill(): Promise<void>;
  /** Starts it again, on the same port with the same data. */
  restart(): Promise<void>;
  /** Keeps the process from answering; its connections stay open. */
  freeze(): void;
  thaw(): void;
  dispose(): Promise<void>;
}

export async function startTestRedis(extraArgs: readonly string[] = []): Promise<TestRedisServer> {
  const folder = await createTempFolder('directory-redis');
  let port = await findFreePort();
  let child = await launch(port, folder.path, extraArgs);
  for (let attempt = 0; child === undefined && attempt < 5; attempt += 1) {
    port = await findFreePort();
    child = await launch(port, folder.path, extraArgs);
  }
  if (child === undefined) throw new Error('redis-server does not start');
  let running: ChildProcess = child;
  const kill = async (): Promise<void> => {
    if (running.exitCode !== null || running.signalCode !== null) return;
    const gone = once(running, 'exit');
    running.kill('SIGKILL');
    await gone;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    kill,
    restart: async () => {
      await kill();
      const next = await launch(port, folder.path, extraArgs);
      if (next === undefined) throw new Error('redis-server does not start again');
      running = next;
    },
    freeze: () => void running.kill('SIGSTOP'),
    thaw: () => void running.kill('SIGCONT'),
    dispose: async () => {
      await kill();
      await folder.remove();
    },
  };
}

/** @returns undefined if the process ended at once, say because the port was taken. */
async function launch(
  port: number,
  folder: string,
  extraArgs: readonly string[],
): Promise<ChildProcess | undefined> {
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const child = spawn('redis-server', [...args, '--appendonly', 'yes', ...extraArgs], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.includes('Ready to accept connections')) continue;
    child.stdout.resume();
    return child;
  }
  return undefined;
}
