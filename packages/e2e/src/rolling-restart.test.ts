/**
 * All front ends restarted one after another under load, by SIGTERM, behind a chooser that asks
 * their readiness as a load balancer does: clients reconnect, and that is all they notice.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { connectRaw, findFreePort, type RawClient, type RunningProcess } from '@homeward/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Demo, startDemo } from './demo/demo.ts';
import type { DemoUser } from './demo/env-file.ts';
import { startHomeward } from './demo/homeward-command.ts';
import { waitUntil } from './poll.ts';

const CLIENT_COUNT = 8;

let demo: Demo;
let frontEnds: FrontEnd[];
beforeAll(async () => {
  demo = await startDemo({ accountCount: CLIENT_COUNT });
  frontEnds = await Promise.all(['a', 'b', 'c'].map((name) => FrontEnd.start(name)));
}, 90_000);
afterAll(async () => {
  await Promise.all(frontEnds?.map((one) => one.stop()) ?? []);
  await demo?.stop();
});

/** One front end more for the demo's sites, in a process of its own. */
class FrontEnd {
  readonly name: string;
  readonly port: number;
  readonly #configFile: string;
  readonly #opsPort: number;
  #process: RunningProcess | undefined;

  private constructor(name: string, port: number, opsPort: number, configFile: string) {
    this.name = name;
    this.port = port;
    this.#opsPort = opsPort;
    this.#configFile = configFile;
  }

  static async start(name: string): Promise<FrontEnd> {
    const folder = dirname(demo.facts.configFile);
    const [port, opsPort] = [await findFreePort(), await findFreePort()];
    const { ports } = demo.facts;
    const text = (await readFile(join(folder, 'frontend.yaml'), 'utf8'))
      .replace(/^name: .*/m, `name: ${name}`)
      .replaceAll(
        /^(?<before> {4}(?: {2}|- \{ host: \S+ ))port: (?<own>\d+)/gm,
        (_line, before, own) => `${before}port: ${own === String(ports.imaps) ? port : 0}`,
      )
      .replace(/^stopWindowSeconds: .*/m, 'stopWindowSeconds: 3\ndraining: { noticeSeconds: 1 }')
      .replace(
        /^ops:[\s\S]*?port: \d+/m,
        `ops:\n  enabled: true\n  host: 127.0.0.1\n  port: ${opsPort}`,
      );
    const configFile = join(folder, `frontend-${name}.yaml`);
    await writeFile(configFile, text);
    const frontEnd = new FrontEnd(name, port, opsPort, configFile);
    await frontEnd.#run();
    return frontEnd;
  }

  async isReady(): Promise<boolean> {
    try {
      return (await fetch(`http://127.0.0.1:${this.#opsPort}/readyz`)).ok;
    } catch {
      return false;
    }
  }

  /** @returns How long it took to stop. */
  async restart(): Promise<number> {
    const startedMs = performance.now();
    this.#process?.signal('SIGTERM');
    expect(await this.#process?.waitForExit(30_000)).toEqual({ code: 0, signal: null });
    const stoppedMs = performance.now() - startedMs;
    await this.#run();
    return stoppedMs;
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
  }

  async #run(): Promise<void> {
    this.#process = startHomeward(['frontend', '--config', this.#configFile]);
    await waitUntil(
      `front end ${this.name}`,
      async () => ((await this.isReady()) ? true : undefined),
      30_000,
    );
  }
}

interface Tally {
  /** Subjects of messages whose APPEND was answered OK. */
  readonly acknowledged: string[];
  /** Tagged answers that were not OK, and waits that were in vain. */
  readonly complaints: string[];
  connectionCount: number;
}

/** Appends message after message, at whichever front end is ready, until it is told to cease. */
async function work(user: DemoUser, mark: string, signal: AbortSignal): Promise<Tally> {
  const tally: Tally = { acknowledged: [], complaints: [], connectionCount: 0 };
  while (!signal.aborted) {
    const client = await connectToReady();
    tally.connectionCount += 1;
    try {
      await client.readLine();
      await ask(client, 'l', `LOGIN "${user.name}" "${user.password}"`, tally);
      while (!signal.aborted) {
        const subject = `${mark}-${tally.connectionCount}-${tally.acknowledged.length}`;
        const message = `Subject: ${subject}\r\n\r\n${'x'.repeat(500)}\r\n`;
        await ask(client, 'a', `APPEND INBOX {${message.length}+}\r\n${message}`, tally);
        tally.acknowledged.push(subject);
        await ask(client, 'n', 'NOOP', tally);
      }
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      // A goodbye, or the end of the connection, is what a mail program reconnects for.
      if (/waited \d+ ms/.test(text)) tally.complaints.push(text);
    } finally {
      await client.close();
    }
  }
  return tally;
}

async function ask(client: RawClient, tag: string, line: string, tally: Tally): Promise<void> {
  await client.sendLine(`${tag} ${line}`);
  for (;;) {
    const answer = await client.readLine();
    if (!answer.startsWith(`${tag} `)) continue;
    if (!answer.startsWith(`${tag} OK`)) tally.complaints.push(`${line.slice(0, 6)}: ${answer}`);
    return;
  }
}

/** The next in turn of those that are ready, as a load balancer chooses. */
let turn = 0;
async function connectToReady(): Promise<RawClient> {
  for (;;) {
    turn += 1;
    const frontEnd = frontEnds[turn % frontEnds.length];
    if (frontEnd === undefined || !(await frontEnd.isReady())) continue;
    return connectRaw({ port: frontEnd.port, tls: demo.tls });
  }
}

it(
  'a rolling restart of all front ends costs reconnects and nothing else',
  { timeout: 150_000 },
  async () => {
    const ceasing = new AbortController();
    const users = Array.from({ length: CLIENT_COUNT }, (_, index) =>
      demo.takeUser(index % 2 === 0 ? 'dublin' : 'oslo'),
    );
    const working = users.map((user, index) => work(user, `m${index}`, ceasing.signal));
    const stopMs: number[] = [];
    for (const frontEnd of frontEnds) stopMs.push(Math.round(await frontEnd.restart()));
    ceasing.abort();
    const tallies = await Promise.all(working);
    const sum = (of: (tally: Tally) => number): number =>
      tallies.reduce((total, tally) => total + of(tally), 0);
    console.log(
      `${sum((one) => one.acknowledged.length)} messages acknowledged over ` +
        `${sum((one) => one.connectionCount)} connections; stopped within ${stopMs.join(', ')} ms`,
    );
    expect(tallies.flatMap(({ complaints }) => complaints)).toEqual([]);
    expect(sum((one) => one.connectionCount)).toBeGreaterThan(CLIENT_COUNT);
    for (const [index, user] of users.entries()) {
      expect(await missing(user, tallies[index]?.acknowledged ?? [])).toEqual([]);
    }
  },
);

/** Messages that were acknowledged and are not there. */
async function missing(user: DemoUser, subjects: readonly string[]): Promise<readonly string[]> {
  await using client = await demo.openImap(user);
  await client.expectOk('SELECT INBOX');
  await client.sendLine('f FETCH 1:* BODY.PEEK[HEADER.FIELDS (SUBJECT)]');
  const found = new Set<string>();
  for (;;) {
    const line = await client.readLine();
    if (line.startsWith('f ')) break;
    const subject = /^Subject: (\S+)/.exec(line)?.[1];
    if (subject !== undefined) found.add(subject);
  }
  return subjects.filter((subject) => !found.has(subject));
}
