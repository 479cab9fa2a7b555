/**
 * A client that appends without end and remembers what was acknowledged, over any number of
 * broken connections. Each message is told apart by its octets.
 */
import { createHash, randomInt } from 'node:crypto';
import type { RawClient } from '@homeward/testkit';
import type { Demo } from './demo/demo.ts';
import type { DemoLogin } from './demo/env-file.ts';
import { waitUntil } from './poll.ts';

/** A message that the server has said OK to. */
export interface AcknowledgedMessage {
  readonly uidValidity: string;
  readonly uid: number;
  readonly digest: string;
}

/** Most are small; some go over the bound from which a message is a file of its own. */
const SIZES = [200, 2_000, 10_000, 60_000, 200_000] as const;
const IN_FLIGHT = 4;

/** One client; several may append to one mailbox. */
export class AppendStream {
  readonly acknowledged: AcknowledgedMessage[] = [];
  /** Digests of all messages that were ever begun. */
  readonly sent: Set<string> = new Set();
  readonly #demo: Demo;
  readonly #user: DemoLogin;
  readonly #name: string;
  #isStopped = false;
  #count = 0;

  constructor(demo: Demo, user: DemoLogin, name: string) {
    this.#demo = demo;
    this.#user = user;
    this.#name = name;
  }

  /** Appends until `stop`, connecting anew whenever the connection breaks. */
  async run(): Promise<void> {
    while (!this.#isStopped) {
      const client = await this.#connect();
      if (client === undefined) return;
      try {
        await this.#append(client);
      } catch (error) {
        // Killed in mid-stream; anything but a broken connection is a fault.
        if (!/the connection (ended|broken)|reset|EPIPE/.test(String(error))) throw error;
      } finally {
        await client.close();
      }
    }
  }

  stop(): void {
    this.#isStopped = true;
  }

  #connect(): Promise<RawClient | undefined> {
    return waitUntil<RawClient | undefined | 'stopped'>('a session', async () => {
      if (this.#isStopped) return 'stopped';
      return this.#demo.openImap(this.#user);
    }).then((found) => (found === 'stopped' ? undefined : found));
  }

  async #append(client: RawClient): Promise<void> {
    const inFlight: { readonly tag: string; readonly digest: string }[] = [];
    while (!this.#isStopped || inFlight.length > 0) {
      while (!this.#isStopped && inFlight.length < IN_FLIGHT) {
        const octets = this.#makeMessage();
        const digest = digestOf(octets);
        const tag = `t${this.#count}`;
        this.sent.add(digest);
        inFlight.push({ tag, digest });
        await client.send(`${tag} APPEND INBOX {${octets.length}+}\r\n${octets}\r\n`);
      }
      const first = inFlight.shift();
      if (first === undefined) return;
      const { status, text } = await client.readUntilTagged(first.tag);
      const found = /^OK \[APPENDUID (\d+) (\d+)\]/.exec(text);
      if (status !== 'OK' || found === null) throw new Error(`an APPEND ended with ${text}`);
      const [, uidValidity = '', uid] = found;
      this.acknowledged.push({ uidValidity, uid: Number(uid), digest: first.digest });
    }
  }

  #makeMessage(): string {
    this.#count += 1;
    const size = SIZES[randomInt(SIZES.length)] ?? 0;
    const line = `${this.#name} ${this.#count} ${randomInt(1_000_000)}\r\n`;
    return `Subject: ${line}\r\n${line.repeat(Math.ceil(size / line.length))}`;
  }
}

/** What tells a message from all others. */
export function digestOf(octets: string): string {
  return createHash('sha256').update(octets, 'latin1').digest('hex');
}
