/** A thread with one client that repeats a command until it has had enough. */
import { parentPort, workerData } from 'node:worker_threads';
import { logIn } from './bench-row.ts';
import type { BenchAccount } from './mail-server.ts';

/** What the client does. */
export interface GreedyTask {
  readonly folder: string;
  readonly command: string;
  /** Octets of literals after which it stops; at least one command is given. */
  readonly untilBytes: number;
}

const { account, task } = workerData as {
  readonly account: BenchAccount;
  readonly task: GreedyTask;
};
await using load = await logIn(account);
await load.expectOk(`EXAMINE ${task.folder}`);
parentPort?.postMessage('begins');
let gotBytes = 0;
do {
  const { literalBytes } = await load.expectOk(task.command);
  if (task.untilBytes > 0 && literalBytes === 0) throw new Error('nothing came');
  gotBytes += literalBytes;
} while (gotBytes < task.untilBytes);
