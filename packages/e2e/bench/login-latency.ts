/**
 * What the front end costs a login: IMAP and POP3 logins through it against logins straight at
 * the back end, by the same account, each with its secret verified before. One client after
 * another, the ways in turn, so that what else the machine does hits all alike.
 *
 *     node packages/e2e/bench/login-latency.ts [ROUNDS]
 */
import { connectRaw, type RawClient } from '@homeward/testkit';
import { type Demo, type DemoUser, startDemo } from '../src/index.ts';

interface Way {
  readonly name: string;
  readonly connect: () => Promise<RawClient>;
  readonly logIn: (client: RawClient, user: DemoUser) => Promise<void>;
  readonly logOut: (client: RawClient) => Promise<void>;
}

/** Milliseconds of one conversation. */
interface Sample {
  /** From the login command to its answer. */
  readonly loginMs: number;
  /** From connecting, TLS and the greeting included. */
  readonly totalMs: number;
}

const WARM_UP_ROUNDS = 30;

const rounds = Number(process.argv[2] ?? 500);
await using demo = await startDemo({ accountCount: 1, directLogin: true });
const user = demo.facts.users[0];
if (user === undefined) throw new Error('the demo has no accounts');
const ways = createWays(demo, user);
const samples = new Map<string, Sample[]>(ways.map(({ name }) => [name, []]));
for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
  for (const way of ways) {
    const sample = await measure(way, user);
    if (round >= 0) samples.get(way.name)?.push(sample);
  }
}
printTable(samples);

function createWays({ facts, tls }: Demo, { backEnd }: DemoUser): readonly Way[] {
  const open = (port: number) => (): Promise<RawClient> =>
    connectRaw({ host: facts.host, port, tls });
  const imap = {
    logIn: async (client: RawClient, { name, password }: DemoUser): Promise<void> => {
      await client.expectOk(`LOGIN "${name}" "${password}"`);
    },
    logOut: async (client: RawClient): Promise<void> => {
      await client.expectOk('LOGOUT');
    },
  };
  const pop3 = {
    logIn: async (client: RawClient, { name, password }: DemoUser): Promise<void> => {
      const response = Buffer.from(`\0${name}\0${password}`).toString('base64');
      await client.sendLine(`AUTH PLAIN ${response}`);
      await client.expectLine(/^\+OK/);
    },
    logOut: async (client: RawClient): Promise<void> => {
      await client.sendLine('QUIT');
      await client.expectLine(/^\+OK/);
      await client.expectEnd();
    },
  };
  return [
    { name: 'IMAP, front end', connect: open(facts.ports.imaps), ...imap },
    { name: 'IMAP, back end', connect: open(backEnd.imaps), ...imap },
    { name: 'POP3, front end', connect: open(facts.ports.pop3s), ...pop3 },
    { name: 'POP3, back end', connect: open(backEnd.pop3s), ...pop3 },
  ];
}

async function measure(way: Way, who: DemoUser): Promise<Sample> {
  const startedMs = performance.now();
  await using client = await way.connect();
  await client.readLine();
  const greetedMs = performance.now();
  await way.logIn(client, who);
  const doneMs = performance.now();
  await way.logOut(client);
  return { loginMs: doneMs - greetedMs, totalMs: doneMs - startedMs };
}

function printTable(all: ReadonlyMap<string, readonly Sample[]>): void {
  const lines = [`${'ms'.padEnd(18)}login p50    p99   with TLS p50    p99`];
  for (const [name, some] of all) {
    const login = some.map(({ loginMs }) => loginMs);
    const total = some.map(({ totalMs }) => totalMs);
    const cells = [
      format(quantile(login, 0.5), 9),
      format(quantile(login, 0.99), 7),
      format(quantile(total, 0.5), 15),
      format(quantile(total, 0.99), 7),
    ];
    lines.push(name.padEnd(18) + cells.join(''));
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function format(ms: number, width: number): string {
  return ms.toFixed(2).padStart(width);
}
