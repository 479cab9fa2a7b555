import { writeFile } from 'node:fs/promises';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { connectRaw } from './raw-client.ts';
import { ensureRedisBinary } from './redis-binary.ts';
import { startPrivateRedis, startRedis } from './redis.ts';
import { createTempFolder } from './temp-folder.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Sends one inline command on a connection of its own. */
async function ask(port: number, command: string): Promise<string> {
  await using client = await connectRaw({ port });
  await client.sendLine(command);
  const line = await client.readLine();
  return line.startsWith('$') && line !== '$-1' ? await client.readLine() : line;
}

describe('startPrivateRedis()', () => {
  it('starts servers that know nothing of each other, and ends them', async () => {
    await using one = await startPrivateRedis();
    await using other = await startPrivateRedis();
    expect(await ask(one.port, 'SET a 1')).toBe('+OK');
    expect(await ask(other.port, 'GET a')).toBe('$-1');
    expect(one.keyPrefix).not.toBe(other.keyPrefix);
    expect(one.keyPrefix).toMatch(/^[a-z0-9-]{1,64}$/);
    await one.stop();
    await expect(ask(one.port, 'PING')).rejects.toThrow('ECONNREFUSED');
  });

  it.each([
    ['forgets everything', false, '$-1'],
    ['keeps its data if it is durable', true, '1'],
  ])('%s when it is killed and comes back on the same port', async (_name, isDurable, answer) => {
    await using redis = await startPrivateRedis({ isDurable });
    await ask(redis.port, 'SET a 1');
    await redis.kill();
    await expect(ask(redis.port, 'PING')).rejects.toThrow('ECONNREFUSED');
    await redis.restart();
    expect(await ask(redis.port, 'GET a')).toBe(answer);
  });

  it('answers nothing while it is frozen, and everything after', async () => {
    await using redis = await startPrivateRedis();
    await using client = await connectRaw({ port: redis.port, waitMs: 50 });
    await client.sendLine('PING');
    await client.expectLine('+PONG');
    redis.freeze();
    await client.sendLine('PING');
    await expect(client.readLine()).rejects.toThrow('waited 50 ms');
    redis.thaw();
    await expect.poll(() => client.readLine().catch(() => '')).toBe('+PONG');
  });

  it('is stopped even while it is frozen', async () => {
    const redis = await startPrivateRedis();
    redis.freeze();
    await redis.stop();
    await expect(ask(redis.port, 'PING')).rejects.toThrow('ECONNREFUSED');
  });
});

describe('startRedis()', () => {
  it('takes the Redis of HOMEWARD_TEST_REDIS_URL and removes only what carries its prefix', async () => {
    await using shared = await startPrivateRedis();
    vi.stubEnv('HOMEWARD_TEST_REDIS_URL', shared.url);
    const borrowed = await startRedis();
    const other = await startRedis();
    expect(borrowed.url).toBe(shared.url);
    const client = new Redis(shared.url);
    await client.mset(`{${borrowed.keyPrefix}}:a`, '1', `{${other.keyPrefix}}:a`, '2');
    await borrowed.stop();
    expect(await client.keys('*')).toEqual([`{${other.keyPrefix}}:a`]);
    await other.stop();
    expect(await client.keys('*')).toEqual([]);
    client.disconnect();
  });

  it('says so when HOMEWARD_TEST_REDIS_URL leads nowhere', async () => {
    vi.stubEnv('HOMEWARD_TEST_REDIS_URL', 'redis://127.0.0.1:1');
    await expect(startRedis()).rejects.toThrow(/HOMEWARD_TEST_REDIS_URL does not lead to a Redis/);
  });
});

describe('ensureRedisBinary()', () => {
  it('finds the program by the PATH', async () => {
    await using folder = await createTempFolder('bin');
    await writeFile(folder.join('redis-server'), '', { mode: 0o755 });
    vi.stubEnv('PATH', folder.path);
    expect(await ensureRedisBinary()).toBe(folder.join('redis-server'));
  });

  it('repeats at once what global set-up found out', async () => {
    vi.stubEnv('HOMEWARD_TEST_REDIS_URL', '');
    vi.stubEnv('HOMEWARD_TEST_REDIS_PROBLEM', 'Tests need Redis: none here.');
    await expect(startRedis()).rejects.toThrow('Tests need Redis: none here.');
  });
});
