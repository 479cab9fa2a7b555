/** A real HAProxy for tests against peers: in the foreground, on free ports of the loopback address. */
import { writeFile } from 'node:fs/promises';
import { ensureDebianProgram } from './debian-program.ts';
import { findFreePort } from './free-port.ts';
import { type RunningProcess, startProcess } from './process-runner.ts';
import { createTempFolder, type TempFolder } from './temp-folder.ts';

/** One that runs. `await using` stops it. */
export interface TestHaproxy extends AsyncDisposable {
  /** The port that `bind(name)` took. */
  portOf(name: string): number;
  /** What it has logged. */
  readonly output: string;
  stop(): Promise<void>;
}

const startAttempts = 5;

/**
 * @param describe Gives the sections behind `defaults`, which are for TCP; `bind(name)` is an
 *   address with a free port.
 * @throws Error with one sentence that says what to do, if there is no HAProxy.
 */
export async function startHaproxy(
  describe: (bind: (name: string) => string) => string,
): Promise<TestHaproxy> {
  const found = await ensureDebianProgram({ names: ['haproxy'], packages: ['haproxy'] });
  if ('problem' in found) {
    throw new Error(`Tests against peers need HAProxy: install haproxy (${found.problem}).`);
  }
  const folder = await createTempFolder('haproxy');
  const { server, ports } = await startOnFreePorts(found.path, folder, describe);
  const stop = async (): Promise<void> => {
    await server.stop();
    await folder.remove();
  };
  return {
    portOf: (name) => ports.get(name) ?? 0,
    get output() {
      return server.output;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Another process may take a port between the look and the start; then others serve. */
async function startOnFreePorts(
  program: string,
  folder: TempFolder,
  describe: (bind: (name: string) => string) => string,
): Promise<{ readonly server: RunningProcess; readonly ports: ReadonlyMap<string, number> }> {
  const file = folder.join('haproxy.cfg');
  for (let attempt = 1; ; attempt += 1) {
    const free = await Promise.all(Array.from({ length: 8 }, () => findFreePort()));
    const ports = new Map<string, number>();
    const sections = describe((name) => {
      const port = ports.get(name) ?? free[ports.size] ?? 0;
      ports.set(name, port);
      return `127.0.0.1:${port}`;
    });
    await writeFile(file, `${DEFAULTS}${sections}`);
    // -W runs a worker below a master, which says when the worker is there.
    const server = startProcess(program, { args: ['-W', '-f', file] });
    try {
      await server.waitForLine(/Loading success|New worker.*forked/);
      return { server, ports };
    } catch (error) {
      await server.stop();
      const isTaken = error instanceof Error && /cannot bind socket/i.test(error.message);
      if (!isTaken || attempt === startAttempts) throw error;
    }
  }
}

const DEFAULTS = `
defaults
  mode tcp
  timeout connect 5s
  timeout client 1m
  timeout server 1m
`;
