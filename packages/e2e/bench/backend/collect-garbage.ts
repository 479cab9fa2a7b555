/**
 * Has a Node.js process collect its garbage, by the debugger's protocol (SIGUSR1 opens it, on the
 * loopback), so that what it holds afterwards is what it needs and not what it has not thrown
 * away yet.
 */
import { setTimeout as sleep } from 'node:timers/promises';

const DEBUGGER = 'http://127.0.0.1:9229/json/list';
const TRIES = 50;
const PAUSE_MS = 100;
const LIMIT_MS = 10_000;

/** @throws Error if the debugger's port belongs to somebody else, or nothing answers there. */
export async function collectGarbage(pid: number): Promise<void> {
  process.kill(pid, 'SIGUSR1');
  const socket = new WebSocket(await findDebugger());
  try {
    await heard(socket, 'open');
    const { value } = await ask(socket, 'Runtime.evaluate', { expression: 'process.pid' });
    if (value !== pid) throw new Error('the debugger’s port belongs to another process');
    await ask(socket, 'HeapProfiler.collectGarbage', {});
  } finally {
    socket.close();
  }
}

async function findDebugger(): Promise<string> {
  for (let tried = 0; tried < TRIES; tried += 1) {
    const url = await lookForDebugger();
    if (url !== undefined) return url;
    await sleep(PAUSE_MS);
  }
  throw new Error(`nothing answers at ${DEBUGGER}`);
}

async function lookForDebugger(): Promise<string | undefined> {
  try {
    const targets = (await (await fetch(DEBUGGER)).json()) as {
      readonly webSocketDebuggerUrl: string;
    }[];
    return targets[0]?.webSocketDebuggerUrl;
  } catch {
    return undefined;
  }
}

/** One question at a time. @returns the value that was asked for, if it was one. */
async function ask(
  socket: WebSocket,
  method: string,
  params: Readonly<Record<string, string>>,
): Promise<{ readonly value: unknown }> {
  const answered = heard(socket, 'message');
  socket.send(JSON.stringify({ id: 1, method, params }));
  const event = (await answered) as MessageEvent;
  const answer = JSON.parse(String(event.data)) as {
    readonly result?: { readonly result?: { readonly value?: unknown } };
  };
  return { value: answer.result?.result?.value };
}

function heard(socket: WebSocket, name: 'open' | 'message'): Promise<Event> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(LIMIT_MS);
    socket.addEventListener(name, resolve, { once: true });
    socket.addEventListener('error', () => reject(new Error('the debugger is gone')), { signal });
    signal.addEventListener('abort', () => reject(new Error('the debugger does not answer')));
  });
}
