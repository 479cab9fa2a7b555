/**
 * A whole Homeward under test: `homeward demo` as a process of its own, with what its env file
 * tells. Whoever starts one stops it; no process of it is left then.
 */
import { readFile } from 'node:fs/promises';
import {
  type ClientTls,
  connectRaw,
  createTempFolder,
  type RawClient,
  type RunningProcess,
  type TempFolder,
} from '@homeward/testkit';
import {
  type DemoFacts,
  type DemoLogin,
  type DemoUser,
  type Door,
  parseDemoFacts,
} from './env-file.ts';
import { type CommandResult, runHomeward, startHomeward } from './homeward-command.ts';
import { isRunning, listDescendants, type ProcessFacts, signalProcess } from './process-tree.ts';

/** How the demo is started. */
export interface DemoOptions {
  /** 2 unless given; they alternate between the sites. */
  readonly accountCount?: number;
  readonly sites?: readonly string[];
  /** A Redis for the directory, in place of the embedded one. */
  readonly redisUrl?: string;
  readonly directLogin?: boolean;
  /** With sample mail; empty unless asked for. */
  readonly withSamples?: boolean;
  readonly workerCount?: number;
  /** Where its data stays; unless given, it has a temporary one and leaves nothing behind. */
  readonly dataFolder?: string;
}

/** The sites of a demo under test, unless it says others. */
export const SITES = ['dublin', 'oslo'] as const;

/** One machine runs several demos at once, and installs nothing meanwhile. */
const START_LIMIT_MS = 45_000;
const STOP_LIMIT_MS = 15_000;

/** Starts a demo and waits until it is ready. */
export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  const folder = await createTempFolder('e2e');
  const envFile = folder.join('demo.env');
  const running = startHomeward(
    [
      ...['demo', '--env-file', envFile, '--sites', (options.sites ?? SITES).join(',')],
      ...['--log-level', 'info'],
      ...['--accounts', String(options.accountCount ?? 2)],
      ...(options.dataFolder === undefined ? [] : ['--data', options.dataFolder]),
      ...(options.redisUrl === undefined ? [] : ['--redis', options.redisUrl]),
      ...(options.directLogin === true ? ['--direct-login'] : []),
      ...(options.withSamples === true ? [] : ['--empty']),
      ...(options.workerCount === undefined ? [] : ['--workers', String(options.workerCount)]),
    ],
    // Its own temporary folder goes into this one, so that nothing stays whatever happens.
    { cwd: folder.path, env: { TMPDIR: folder.path } },
  );
  try {
    await running.waitForLine(/^ready$/, START_LIMIT_MS);
    const facts = parseDemoFacts(await readFile(envFile, 'utf8'));
    const ca = await readFile(facts.caFile, 'utf8');
    return new Demo({ facts, ca, running, folder });
  } catch (error) {
    await running.stop();
    await folder.remove();
    throw error;
  }
}

interface DemoParts {
  readonly facts: DemoFacts;
  readonly ca: string;
  readonly running: RunningProcess;
  readonly folder: TempFolder;
}

export class Demo implements AsyncDisposable {
  readonly facts: DemoFacts;
  readonly process: RunningProcess;
  readonly #parts: DemoParts;
  readonly #taken = new Map<string, number>();

  /** Use `startDemo`. */
  constructor(parts: DemoParts) {
    this.#parts = parts;
    this.facts = parts.facts;
    this.process = parts.running;
  }

  /** How clients verify it. */
  get tls(): ClientTls & { readonly ca: string } {
    return { ca: this.#parts.ca, servername: this.facts.serverName };
  }

  /** An account that no other test of the file has: each has its own mailbox. */
  takeUser(site: string = 'dublin'): DemoUser {
    const taken = this.#taken.get(site) ?? 0;
    this.#taken.set(site, taken + 1);
    const user = this.facts.users.filter((one) => one.site === site)[taken];
    if (user === undefined) throw new Error(`the demo has no more accounts at ${site}`);
    return user;
  }

  /** Connects to a door, upgrades where it is plain, and reads the greeting. */
  async connect(door: Door): Promise<RawClient> {
    const client = await this.connectUngreeted(door);
    await client.readLine();
    if (door === 'imap') {
      await client.sendLine('s STARTTLS');
      await client.expectLine(/^s OK/);
      await client.startTls(this.tls);
    } else if (door === 'pop3') {
      await client.sendLine('STLS');
      await client.expectLine(/^\+OK/);
      await client.startTls(this.tls);
    } else if (door === 'submission') {
      await client.sendLine('STARTTLS');
      await client.expectLine(/^220/);
      await client.startTls(this.tls);
    }
    return client;
  }

  /** Connects to a door; TLS only where it comes first. The greeting is not read. */
  connectUngreeted(door: Door): Promise<RawClient> {
    const { host, ports } = this.facts;
    const tls = door.endsWith('s') ? { tls: this.tls } : {};
    return connectRaw({ host, port: ports[door], ...tls });
  }

  /** A session that is logged in. */
  async openImap(user: DemoLogin, door: 'imap' | 'imaps' = 'imaps'): Promise<RawClient> {
    const client = await this.connect(door);
    await client.expectOk(`LOGIN "${user.name}" "${user.password}"`);
    return client;
  }

  /** A session that is logged in. */
  async openPop3(user: DemoLogin, door: 'pop3' | 'pop3s' = 'pop3s'): Promise<RawClient> {
    const client = await this.connect(door);
    await client.sendLine(`USER ${user.name}`);
    await client.expectLine(/^\+OK/);
    await client.sendLine(`PASS ${user.password}`);
    await client.expectLine(/^\+OK/);
    return client;
  }

  /** A session that is logged in. */
  async openSubmission(
    user: DemoLogin,
    door: 'submission' | 'submissions' = 'submissions',
  ): Promise<RawClient> {
    const client = await this.connect(door);
    await client.sendLine('EHLO client.test');
    while (!(await client.readLine()).startsWith('250 '));
    const secret = Buffer.from(`\0${user.name}\0${user.password}`).toString('base64');
    await client.sendLine(`AUTH PLAIN ${secret}`);
    await client.expectLine(/^235/);
    return client;
  }

  /** Runs an operator's command on this deployment. */
  runCommand(args: readonly string[], input?: string): Promise<CommandResult> {
    const env = { HOMEWARD_CONFIG: this.facts.configFile };
    return runHomeward(args, { env, ...(input !== undefined && { input }) });
  }

  /** As `runCommand`; throws unless it exits with 0. */
  async expectCommand(args: readonly string[], input?: string): Promise<CommandResult> {
    const result = await this.runCommand(args, input);
    if (result.exitCode === 0) return result;
    throw new Error(`homeward ${args.join(' ')} ended with ${result.exitCode}:\n${result.output}`);
  }

  /** All its processes but the first one. */
  listProcesses(): readonly ProcessFacts[] {
    return listDescendants(this.process.pid);
  }

  /** Processes of a site's back end. */
  listSiteProcesses(site: string): readonly ProcessFacts[] {
    return this.listProcesses().filter(({ commandLine }) => isBackEnd(commandLine, site));
  }

  /** Processes of the front end. */
  listFrontEndProcesses(): readonly ProcessFacts[] {
    return this.listProcesses().filter(({ commandLine }) => /front-?end/i.test(commandLine));
  }

  /** kill -9 of all processes of a site; they are started again. @returns What was killed. */
  killSite(site: string): readonly number[] {
    const pids = this.listSiteProcesses(site).map(({ pid }) => pid);
    for (const pid of pids) signalProcess(pid, 'SIGKILL');
    return pids;
  }

  /** Ends it as Ctrl-C does and expects an end in time; then kills what is left. */
  async stop(): Promise<void> {
    const left = this.listProcesses();
    try {
      this.process.signal('SIGINT');
      await this.process.waitForExit(STOP_LIMIT_MS);
    } finally {
      await this.process.stop();
      for (const { pid } of left.filter((one) => isRunning(one.pid))) signalProcess(pid, 'SIGKILL');
      await this.#parts.folder.remove();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

function isBackEnd(commandLine: string, site: string): boolean {
  return /back-?end/i.test(commandLine) && commandLine.includes(site);
}
