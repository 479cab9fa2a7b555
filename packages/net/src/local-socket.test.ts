import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DeadlineWheel } from './deadline-wheel.ts';
import { dialLocal, openLocalListener, type LocalListener } from './local-socket.ts';
import type { SocketStream } from './socket-stream.ts';
import { realClock } from './testing/loopback.ts';

let folder: string;
let wheel: DeadlineWheel;
const accepted: SocketStream[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'homeward-local-'));
  wheel = new DeadlineWheel(realClock);
  accepted.length = 0;
});
afterEach(() => rm(folder, { recursive: true }));

async function listen(path = join(folder, 'a.sock')): Promise<LocalListener> {
  const onConnection = (stream: SocketStream): void => void accepted.push(stream);
  const opened = await openLocalListener({ path, onConnection }, wheel);
  if (!opened.ok) throw new Error(opened.detail);
  return opened.listener;
}

describe('a local socket', () => {
  it('carries octets both ways, until either side ends', async () => {
    const listener = await listen();
    const client = await dialLocal(join(folder, 'a.sock'), 1_000, wheel);
    await expect.poll(() => accepted.length).toBe(1);
    await client?.write('hello');
    expect(Buffer.from((await accepted[0]?.read()) as Uint8Array).toString()).toBe('hello');
    await accepted[0]?.write('there');
    expect(Buffer.from((await client?.read()) as Uint8Array).toString()).toBe('there');
    const ended = accepted[0]?.read();
    await client?.end();
    expect(await ended).toBe('ended');
    await listener.close();
  });

  it('is taken over from a process that left it behind', async () => {
    await writeFile(join(folder, 'a.sock'), '');
    const listener = await listen();
    expect(await dialLocal(join(folder, 'a.sock'), 1_000, wheel)).toBeDefined();
    await listener.close();
  });

  it('cuts its connections when it closes, and is gone', async () => {
    const listener = await listen();
    const client = await dialLocal(join(folder, 'a.sock'), 1_000, wheel);
    await expect.poll(() => accepted.length).toBe(1);
    await listener.close();
    expect(await client?.read()).toMatch(/ended|broken/);
    expect(await dialLocal(join(folder, 'a.sock'), 1_000, wheel)).toBeUndefined();
  });

  it('is not opened where there is no folder, nor dialled where nobody listens', async () => {
    const path = join(folder, 'nowhere', 'a.sock');
    const opened = await openLocalListener({ path, onConnection: () => undefined }, wheel);
    expect(opened.ok).toBe(false);
    expect(await dialLocal(path, 1_000, wheel)).toBeUndefined();
  });
});
