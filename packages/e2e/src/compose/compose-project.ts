/**
 * The deployment of docker-compose.yml as a project of its own: free ports, fresh volumes, and
 * nothing left of it at the end.
 */
import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { LogLine } from '../demo/log-lines.ts';
import type { ContainerEngine } from './container-engine.ts';
import type { ToolOptions } from './run-tool.ts';

const REPOSITORY = fileURLToPath(new URL('../../../..', import.meta.url));
const UP_LIMIT_MS = 600_000;
/** Ports of the HAProxy container, by what they speak. */
const DOOR_PORTS = {
  imap: 1143,
  imaps: 1993,
  pop3: 1110,
  pop3s: 1995,
  submission: 1587,
  submissions: 1465,
} as const;
const ADDRESS = '127.0.0.1';

export type ComposeDoor = keyof typeof DOOR_PORTS;

/** An account that `init` made. */
export interface ComposeAccount {
  readonly address: string;
  readonly site: string;
  readonly password: string;
}

/** Where clients connect, and whom they believe. */
export interface PublicName {
  readonly host: string;
  /** The name that the certificate carries. */
  readonly serverName: string;
  readonly ports: Readonly<Record<ComposeDoor, number>>;
  readonly ca: string;
}

/** One container of a service, as the engine sees it. */
export interface ContainerFacts {
  readonly id: string;
  /** On the engine's host. */
  readonly pid: number;
  readonly isHealthy: boolean;
  readonly isRunning: boolean;
  readonly startedAtMs: number;
}

export class ComposeProject implements AsyncDisposable {
  readonly name: string = `homeward-test-${process.pid}-${randomInt(10_000)}`;
  readonly image: string = 'homeward:test';
  readonly #engine: ContainerEngine;
  readonly #env: Readonly<Record<string, string>>;

  /** @param accounts Words like `anna@example.org=dublin`. Nothing runs before `up`. */
  constructor(engine: ContainerEngine, accounts: readonly string[]) {
    this.#engine = engine;
    this.#env = {
      COMPOSE_PROJECT_NAME: this.name,
      COMPOSE_FILE: 'docker-compose.yml',
      COMPOSE_PROFILES: 'ldap',
      MAIL_IMAGE: this.image,
      MAIL_HOSTNAME: 'localhost',
      MAIL_ADDRESS: ADDRESS,
      // The engine chooses free ports.
      MAIL_IMAP_PORT: '0',
      MAIL_IMAPS_PORT: '0',
      MAIL_POP3_PORT: '0',
      MAIL_POP3S_PORT: '0',
      MAIL_SUBMISSION_PORT: '0',
      MAIL_SUBMISSIONS_PORT: '0',
      MAIL_LMTP_PORT: '0',
      MAIL_SAMPLE_ACCOUNTS: accounts.join(' '),
      MAIL_EDGE_SUBNET: `10.143.${randomInt(1, 256)}.0/24`,
    };
  }

  compose(args: readonly string[], options: ToolOptions = {}): Promise<string> {
    return this.#engine.compose(args, { cwd: REPOSITORY, ...options, env: this.#env });
  }

  docker(args: readonly string[], options?: ToolOptions): Promise<string> {
    return this.#engine.docker(args, options);
  }

  async build(): Promise<void> {
    await this.compose(['build'], { limitMs: UP_LIMIT_MS });
  }

  /** Returns when every part is healthy. @throws With what the parts said last, if one is not. */
  async up(...args: readonly string[]): Promise<void> {
    try {
      await this.compose(['up', '-d', ...args], { limitMs: UP_LIMIT_MS });
    } catch (error) {
      throw new Error(`not up:\n${await this.compose(['logs', '--no-color', '--tail=20'])}`, {
        cause: error,
      });
    }
  }

  /** So many front ends from now on; the others stay as they are. */
  async scaleFrontEnds(count: number): Promise<void> {
    await this.up('--no-recreate', '--no-deps', '--scale', `frontend=${count}`, 'frontend');
  }

  /** Runs a program in the operator's container, with the `deployment` volume as its folder. */
  runOperator(program: string, ...args: readonly string[]): Promise<string> {
    return this.compose([
      'run',
      '--rm',
      '-T',
      '--no-deps',
      '--entrypoint',
      program,
      'homeward',
      ...args,
    ]);
  }

  async readPublicName(): Promise<PublicName> {
    const ports: Record<string, number> = {};
    for (const [door, port] of Object.entries(DOOR_PORTS)) {
      const published = await this.compose(['port', 'haproxy', String(port)]);
      ports[door] = Number(published.trim().split(':').at(-1));
    }
    return {
      host: ADDRESS,
      serverName: 'localhost',
      ports: ports as PublicName['ports'],
      ca: await this.runOperator('cat', 'ca/ca.crt'),
    };
  }

  async readPassword(address: string): Promise<string> {
    return (await this.runOperator('cat', `passwords/${address}`)).trim();
  }

  /** All containers of a service that exist, running or not. */
  async listContainers(service: string): Promise<readonly ContainerFacts[]> {
    const labels = [`project=${this.name}`, `service=${service}`, 'oneoff=False'];
    const filters = labels.flatMap((label) => ['--filter', `label=com.docker.compose.${label}`]);
    const ids = (await this.docker(['ps', '-aq', '--no-trunc', ...filters])).trim();
    if (ids === '') return [];
    const text = await this.docker(['inspect', ...ids.split(/\s+/)]);
    return (JSON.parse(text) as readonly EngineContainer[]).map(({ Id, State }) => ({
      id: Id,
      pid: State.Pid,
      isRunning: State.Running,
      isHealthy: State.Running && State.Health?.Status === 'healthy',
      startedAtMs: Date.parse(State.StartedAt),
    }));
  }

  /** What all containers of a service have logged, as far as it is JSON. */
  async readLog(service: string): Promise<readonly LogLine[]> {
    const text = await this.compose(['logs', '--no-color', service]);
    return text.split('\n').flatMap((line) => {
      const start = line.indexOf('{"');
      return start === -1 ? [] : [JSON.parse(line.slice(start)) as LogLine];
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.compose(['down', '-v', '--remove-orphans', '-t', '2']);
  }
}

/** The part of `docker inspect` that is read here. */
interface EngineContainer {
  readonly Id: string;
  readonly State: {
    readonly Pid: number;
    readonly Running: boolean;
    readonly StartedAt: string;
    readonly Health?: { readonly Status: string };
  };
}
