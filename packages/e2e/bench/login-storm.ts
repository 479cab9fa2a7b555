/**
 * A login storm: every client of a front end that died comes to another one at once. One front
 * end with one worker, real TLS on both legs, Redis, argon2; the home lets everybody in. The
 * clients and the home share this process.
 *
 *     node packages/e2e/bench/login-storm.ts [CLIENTS] [SECONDS]
 *
 * Prints when those were in whom the front end knows, and those whom it does not, how many were
 * told to come back, and how a session that was there before fared meanwhile.
 */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import type { TLSSocket } from 'node:tls';
import {
  createWorldCertificates,
  FRONT_END_SCRIPT,
  openSurroundings,
  takeImapLogin,
} from '@homeward/frontend/testing';
import { createTempFolder, startNode, startPrivateRedis } from '@homeward/testkit';
import {
  type Bystander,
  runClient,
  type StormResult,
  type StormTarget,
  openBystander,
} from './storm/run-client.ts';
import { type Acquaintance, addStormAccounts, type StormClient } from './storm/storm-accounts.ts';

const BYSTANDER_COUNT = 5;

const clientCount = Number(process.argv[2] ?? 5_000);
const limitSeconds = Number(process.argv[3] ?? 300);
await using stack = new AsyncDisposableStack();
const folder = stack.use(await createTempFolder('storm'));
const commonKey = randomBytes(48);
const ticketKeysFile = folder.join('tickets.key');
await writeFile(ticketKeysFile, commonKey, { mode: 0o600 });
const redis = stack.use(await startPrivateRedis());
const surroundings = stack.use(
  await openSurroundings({
    certificates: await createWorldCertificates(),
    redis: { url: redis.url, keyPrefix: redis.keyPrefix },
    warmConnections: 64,
    config: { idleLimits: { preAuthenticatedSeconds: 600 } },
    async home(peer) {
      const { tag } = await takeImapLogin(peer);
      await peer.sendLine(`${tag} OK [CAPABILITY IMAP4rev1] hello`);
      // Without a limit: clients here may be silent.
      for (;;) {
        const octets = await peer.octets.read();
        if (typeof octets === 'string') return;
        const [, next = ''] = /^(\S+) /.exec(Buffer.from(octets).toString('latin1')) ?? [];
        await peer.octets.write(`${next} OK done\r\n`);
      }
    },
  }),
);
const { config, directory, clientTls } = surroundings;
const clients = await addStormAccounts(directory, clientCount + BYSTANDER_COUNT, commonKey);
const frontEnd = stack.use(
  startNode(FRONT_END_SCRIPT, {
    args: [JSON.stringify({ ...config, tls: { ...config.tls, ticketKeysFile } })],
  }),
);
const target: StormTarget = { port: await portOf(), ...clientTls };

const over = new AbortController();
const bystanders: Bystander[] = [];
for (const client of clients.slice(clientCount)) {
  bystanders.push(await openBystander({ ...client, from: '127.0.0.1' }, target));
}
const watched = bystanders.map((bystander) => bystander.watch(over.signal));

const sockets = new Set<TLSSocket>();
const limit = setTimeout(() => over.abort(), limitSeconds * 1_000);
const results = (
  await Promise.all(
    clients.slice(0, clientCount).map((client) => runClient(client, target, sockets, over.signal)),
  )
).filter((result) => result !== undefined);
clearTimeout(limit);
over.abort();
print(results, (await Promise.all(watched)).flat());
for (const socket of sockets) socket.destroy();

async function portOf(): Promise<number> {
  const [, doorsText = ''] = await frontEnd.waitForLine(/^ready (.*)/);
  const doors = JSON.parse(doorsText) as {
    protocol: string;
    tls: string;
    port: number;
  }[];
  const door = doors.find(({ protocol, tls }) => protocol === 'imap' && tls === 'implicit');
  if (door === undefined) throw new Error('no door');
  return door.port;
}

function print(all: readonly StormResult[], bystanderMs: readonly number[]): void {
  const kinds: readonly Acquaintance[] = ['today', 'at-home', 'stranger'];
  const rows = kinds.map((kind) => {
    const is = ({ acquaintance }: StormClient): boolean => acquaintance === kind;
    const mine = all.filter(({ client }) => is(client));
    const times = mine.map(({ inAtMs }) => inAtMs);
    return {
      clients: clients.slice(0, clientCount).filter(is).length,
      in: mine.length,
      'p50 s': seconds(times, 0.5),
      'p99 s': seconds(times, 0.99),
      'last s': seconds(times, 1),
      'told to come back': sum(mine.map(({ refusalCount }) => refusalCount)),
      cut: sum(mine.map(({ cutCount }) => cutCount)),
    };
  });
  console.table(Object.fromEntries(kinds.map((kind, index) => [kind, rows[index]])));
  const noop = [0.5, 0.99, 1].map((part) => `${quantile(bystanderMs, part).toFixed(0)} ms`);
  console.log(`NOOP of sessions that were there before: p50, p99, most: ${noop.join(', ')}`);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function seconds(timesMs: readonly number[], part: number): number {
  return Math.round(quantile(timesMs, part) / 100) / 10;
}

function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? NaN;
}
