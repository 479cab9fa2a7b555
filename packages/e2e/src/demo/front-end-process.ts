/** One front end more for the sites of a demo, in a process of its own, with an ops port. */
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { connectRaw, findFreePort, type RawClient, type RunningProcess } from '@homeward/testkit';
import { waitUntil } from '../poll.ts';
import type { Demo } from './demo.ts';
import { startHomeward } from './homeward-command.ts';

const START_LIMIT_MS = 30_000;

export class FrontEndProcess {
  readonly name: string;
  /** IMAP under TLS. */
  readonly port: number;
  readonly #demo: Demo;
  readonly #configFile: string;
  readonly #opsPort: number;
  #process: RunningProcess | undefined;

  private constructor(
    demo: Demo,
    facts: Pick<FrontEndProcess, 'name' | 'port'>,
    configFile: string,
    opsPort: number,
  ) {
    this.name = facts.name;
    this.port = facts.port;
    this.#demo = demo;
    this.#configFile = configFile;
    this.#opsPort = opsPort;
  }

  /**
   * Waits until it is ready; the caller stops it.
   *
   * @param settings YAML: `stopWindowSeconds`, and whatever the demo's front end does not say.
   */
  static async start(demo: Demo, name: string, settings: string): Promise<FrontEndProcess> {
    const folder = dirname(demo.facts.configFile);
    const [port, opsPort] = [await findFreePort(), await findFreePort()];
    const { ports } = demo.facts;
    const text = (await readFile(join(folder, 'frontend.yaml'), 'utf8'))
      .replace(/^name: .*/m, `name: ${name}`)
      .replaceAll(
        /^(?<before> {4}(?: {2}|- \{ host: \S+ ))port: (?<own>\d+)/gm,
        (_line, before, own) => `${before}port: ${own === String(ports.imaps) ? port : 0}`,
      )
      // Ports that it chooses for itself are no worker's but one's.
      .replace(/^workers: .*/m, 'workers: 1')
      .replace(/^stopWindowSeconds: .*/m, settings)
      .replace(
        /^ops:[\s\S]*?port: \d+/m,
        `ops:\n  enabled: true\n  host: 127.0.0.1\n  port: ${opsPort}`,
      );
    const configFile = join(folder, `frontend-${name}.yaml`);
    await writeFile(configFile, text);
    const frontEnd = new FrontEndProcess(demo, { name, port }, configFile, opsPort);
    await frontEnd.run(true);
    return frontEnd;
  }

  /** As it is in the directory. */
  get component(): string {
    return `frontend:${this.name}`;
  }

  /** @returns The status of a page of the ops port; undefined if nobody answers. */
  async statusOf(page: string): Promise<number | undefined> {
    try {
      return (await fetch(`http://127.0.0.1:${this.#opsPort}/${page}`)).status;
    } catch {
      return undefined;
    }
  }

  async isReady(): Promise<boolean> {
    return (await this.statusOf('readyz')) === 200;
  }

  /** The greeting is not read. */
  connect(): Promise<RawClient> {
    return connectRaw({ port: this.port, tls: this.#demo.tls });
  }

  /** Starts it, after `terminate`. @param readiness What it is to say of itself then. */
  async run(readiness: boolean): Promise<void> {
    this.#process = startHomeward(['frontend', '--config', this.#configFile]);
    await this.#process.waitForLine(/service\.started/, START_LIMIT_MS);
    const wanted = readiness ? 200 : 503;
    await waitUntil(
      `front end ${this.name} to say ${wanted}`,
      async () => ((await this.statusOf('readyz')) === wanted ? true : undefined),
      START_LIMIT_MS,
    );
  }

  /** By SIGTERM. @returns How it ended. */
  async terminate(): Promise<Awaited<ReturnType<RunningProcess['waitForExit']>> | undefined> {
    this.#process?.signal('SIGTERM');
    return this.#process?.waitForExit(START_LIMIT_MS);
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
  }
}
