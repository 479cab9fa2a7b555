/** The demo as a process: started, used by raw clients, stopped; nothing stays behind. */
import { readFile, readdir, stat } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { openDirectory } from '@homeward/directory';
import {
  connectRaw,
  createTempFolder,
  type RawClient,
  type RunningProcess,
  startPrivateRedis,
  startProcess,
  type TempFolder,
} from '@homeward/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LAUNCHER, runHomeward } from '../testing/run-homeward.ts';

const START_LIMIT_MS = 60_000;

let temp: TempFolder;

beforeEach(async () => {
  temp = await createTempFolder('demo-test');
});
afterEach(() => temp.remove());

type Env = Readonly<Record<string, string | undefined>>;

function startDemo(...args: readonly string[]): RunningProcess {
  return startProcess(process.execPath, {
    args: ['--', LAUNCHER, 'demo', '--env-file', temp.join('demo.env'), ...args],
    env: { TMPDIR: temp.path },
  });
}

async function whenReady(demo: RunningProcess): Promise<Env> {
  await demo.waitForLine(/^ready$/, START_LIMIT_MS);
  return parseEnv(await readFile(temp.join('demo.env'), 'utf8'));
}

async function connect(env: Env, port: string, name = env['SERVER_NAME']): Promise<RawClient> {
  const ca = await readFile(env['CA_FILE'] ?? '');
  return connectRaw({
    host: env['HOST'] ?? '',
    port: Number(env[port]),
    tls: { ca, servername: name },
  });
}

async function logIn(client: RawClient, user = '', password = ''): Promise<string> {
  await client.expectLine(/^\* OK /);
  const { status, untagged } = await client.command(`LOGIN ${user} ${password}`);
  if (status !== 'OK') return status;
  const examined = await client.command('EXAMINE INBOX');
  return [...untagged, ...examined.untagged].find((line) => line.endsWith('EXISTS')) ?? 'none';
}

describe('homeward demo', () => {
  it('serves people at both sites over both protocols, and ends without a trace', async () => {
    await using demo = startDemo('--accounts', '2');
    const env = await whenReady(demo);
    expect((await stat(temp.join('demo.env'))).mode & 0o777).toBe(0o600);
    for (const index of ['1', '2']) {
      await using imap = await connect(env, 'IMAPS_PORT');
      const exists = await logIn(imap, env[`USER${index}`], env[`PASS${index}`]);
      expect(Number(/^\* (\d+) EXISTS$/.exec(exists)?.[1])).toBeGreaterThan(50);
      await using pop3 = await connect(env, 'POP3S_PORT');
      await pop3.expectLine(/^\+OK/);
      await pop3.sendLine(`USER ${env[`USER${index}`]}`);
      await pop3.expectLine(/^\+OK/);
      await pop3.sendLine(`PASS ${env[`PASS${index}`]}`);
      await pop3.expectLine(/^\+OK/);
    }
    for (const role of ['ADMINISTRATOR', 'GUEST', 'ANONYMOUS']) {
      await using imap = await connect(env, 'IMAPS_PORT');
      expect(await logIn(imap, env[`${role}_USER`], env[`${role}_PASS`])).toBe('NO');
    }
    const listed = await runHomeward(['account', 'list', '--json'], {
      env: { HOMEWARD_CONFIG: env['HOMEWARD_CONFIG'] ?? '' },
    });
    expect(JSON.parse(listed.stdout)).toHaveLength(6);
    await using idler = await connect(env, 'IMAPS_PORT');
    await logIn(idler, env['USER1'], env['PASS1']);
    demo.kill('SIGINT');
    await idler.expectLine(/^\* BYE /);
    expect(await demo.waitForExit(30_000)).toEqual({ code: 0, signal: null });
    expect(await readdir(temp.path)).toEqual(['demo.env']);
  }, 120_000);

  it('lets people in at the sites, by worker, and keeps data for the next time', async () => {
    const args = ['--accounts', '4', '--sites', 'east-wing', '--workers', '2', '--direct-login'];
    const data = ['--data', temp.join('data'), '--empty'];
    await using first = startDemo(...args, ...data);
    const env = await whenReady(first);
    const ports = ['IMAPS_PORT', 'WORKER1_IMAPS_PORT'].map(
      (name) => env[`BACKEND_EAST_WING_${name}`],
    );
    expect(new Set(ports).size).toBe(2);
    for (const index of [1, 2, 3, 4]) {
      expect(env[`USER${index}_BACKEND_IMAPS_PORT`]).toBe(ports[(index + 1) % 2]);
      await using imap = await connect(env, `USER${index}_BACKEND_IMAPS_PORT`);
      expect(await logIn(imap, env[`USER${index}`], env[`PASS${index}`])).toBe('* 0 EXISTS');
    }
    await using plain = await connectRaw({ port: Number(env['USER1_BACKEND_IMAP_PORT']) });
    expect(await logIn(plain, env['USER1'], env['PASS1'])).toBe('* 0 EXISTS');
    await plain.close();
    first.signal('SIGTERM');
    expect(await first.waitForExit(40_000)).toEqual({ code: 0, signal: null });

    await using second = startDemo('--sites', 'east-wing', ...data);
    const again = await whenReady(second);
    expect(again).toMatchObject({ USER4: env['USER4'], PASS4: env['PASS4'] });
    await using imap = await connect(again, 'IMAPS_PORT');
    expect(await logIn(imap, again['USER4'], again['PASS4'])).toBe('* 0 EXISTS');
    await using rival = startDemo('--sites', 'east-wing', ...data);
    expect(await rival.waitForExit()).toMatchObject({ code: 3 });
    expect(rival.output).toMatch(/runs a demo on/);
  }, 120_000);

  it('starts a service again that was killed, and says so; its directory may be Redis', async () => {
    await using redis = await startPrivateRedis();
    const args = ['--accounts', '1', '--empty', '--sites', 'dublin', '--redis', redis.url];
    await using demo = startDemo(...args);
    const env = await whenReady(demo);
    const pids = await childrenOf(demo.pid);
    expect(pids).toHaveLength(2);
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    await demo.waitForLine(/^site dublin was killed by SIGKILL; it is started again$/);
    await demo.waitForLine(/^site dublin is back$/);
    await demo.waitForLine(/^the front end is back$/);
    await using imap = await connect(env, 'IMAPS_PORT');
    expect(await logIn(imap, env['USER1'], env['PASS1'])).toBe('* 0 EXISTS');
    demo.signal('SIGTERM');
    expect(await demo.waitForExit(30_000)).toEqual({ code: 0, signal: null });
    await using stack = new AsyncDisposableStack();
    const [prefix] = /homeward-demo-[0-9a-f]{12}/.exec(await readKeys(redis.port)) ?? [];
    const driver = await openDirectory({ redisUrl: redis.url, keyPrefix: prefix });
    stack.defer(() => driver.close());
    expect(await driver.listAccounts({ after: undefined, limit: 10 })).toEqual([]);
    expect(await driver.listSites()).toEqual([]);
  }, 120_000);

  it('stopped or killed while it starts, leaves no process', async () => {
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      await using demo = startDemo('--accounts', '1');
      const pids = await untilChildren(demo, 3);
      demo.signal(signal);
      const exit = await demo.waitForExit(30_000);
      if (signal === 'SIGTERM') expect(exit).toEqual({ code: 0, signal: null });
      await untilGone(pids);
    }
    const folders = (await readdir(temp.path)).filter((name) => name.startsWith('homeward-demo-'));
    // Only what was killed outright leaves its folder.
    expect(folders).toHaveLength(1);
  }, 120_000);

  it('leaves a real deployment alone', async () => {
    const folder = temp.join('real');
    await runHomeward(['init', '--folder', folder, '--hostname', 'mail.example.org']);
    const before = await readFile(temp.join('real/homeward.yaml'), 'utf8');
    await using demo = startDemo('--data', folder);
    expect(await demo.waitForExit()).toMatchObject({ code: 1 });
    expect(demo.output).toMatch(/is a deployment, which a demo would spoil/);
    expect(await readFile(temp.join('real/homeward.yaml'), 'utf8')).toBe(before);
  });

  it('says which port is taken', async () => {
    await using first = startDemo('--accounts', '1', '--empty', '--sites', 'dublin');
    const env = await whenReady(first);
    const base = Number(env['IMAPS_PORT']) - 993;
    await using second = startDemo('--port-base', String(base));
    expect(await second.waitForExit()).toMatchObject({ code: 3 });
    expect(second.output).toMatch(new RegExp(`port ${base + 993} of 127.0.0.1 is not to be had`));
  }, 120_000);
});

/** What Redis answers to KEYS, as it comes. */
async function readKeys(port: number): Promise<string> {
  await using redis = await connectRaw({ port });
  await redis.sendLine('KEYS *:schema');
  await redis.expectLine('*1');
  await redis.readLine();
  return await redis.readLine();
}

async function childrenOf(pid: number): Promise<readonly number[]> {
  const path = `/proc/${pid}/task/${pid}/children`;
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
}

async function untilChildren(demo: RunningProcess, count: number): Promise<readonly number[]> {
  for (;;) {
    if (demo.exit !== undefined) throw new Error(`it ended: ${demo.output}`);
    const pids = await childrenOf(demo.pid);
    if (pids.length >= count) return pids;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function untilGone(pids: readonly number[]): Promise<void> {
  for (const pid of pids) {
    while (await isRunning(pid)) await new Promise((resolve) => setImmediate(resolve));
  }
}

async function isRunning(pid: number): Promise<boolean> {
  const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return state !== '' && !/\) [ZX] /.test(state);
}
