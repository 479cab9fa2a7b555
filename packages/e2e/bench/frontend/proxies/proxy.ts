/** A proxy under measurement, whichever it is. */
import { createConnection } from 'node:net';
import { findFreePort, type RunningProcess } from '@homeward/testkit';
import type { BenchWorld, MailPorts } from '../bench-world.ts';
import { listDescendants } from '../../../src/demo/process-tree.ts';
import { waitUntil } from '../../../src/index.ts';

/** Whoever starts one stops it. */
export interface Proxy extends AsyncDisposable {
  /** Its processes at this moment. */
  listPids(): readonly number[];
  readonly ports: MailPorts;
}

/** One that could be measured. */
export interface ProxyKind {
  readonly name: string;
  /** Said of it below the table. */
  readonly note: string;
  /** Whether it is looked at again when its idle connections are long gone. */
  readonly isOurs?: boolean;
  /** A process for every connection: only so many of them are held idle. */
  readonly idleLimit?: number;
  /** The same with so many workers, each with a processor where there are as many. */
  readonly startWorkers?: (world: BenchWorld, workers: number) => Promise<Proxy>;
  /** @returns undefined where it is not installed. */
  readonly start: (world: BenchWorld) => Promise<Proxy | undefined>;
}

export async function findMailPorts(): Promise<MailPorts> {
  return {
    imap: await findFreePort(),
    imaps: await findFreePort(),
    pop3: await findFreePort(),
    pop3s: await findFreePort(),
  };
}

/** Waits until all ports answer. */
export async function awaitProxy(running: RunningProcess, ports: MailPorts): Promise<Proxy> {
  try {
    for (const port of Object.values(ports)) {
      await waitUntil(`port ${port} to answer`, () => answers(port));
    }
  } catch (error) {
    await running.stop();
    throw new Error(`it did not start:\n${running.output}`, { cause: error });
  }
  return {
    ports,
    listPids: () => [running.pid, ...listDescendants(running.pid).map(({ pid }) => pid)],
    async [Symbol.asyncDispose]() {
      running.signal('SIGTERM');
      await running.waitForExit(5_000).catch(() => undefined);
      await running.stop();
    },
  };
}

/** @returns undefined if nobody listens there yet. */
function answers(port: number): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    socket.on('error', () => resolve(undefined));
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
