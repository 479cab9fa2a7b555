/**
 * A client that submits messages without end and remembers which were taken, over any number of
 * broken connections. Each message goes to several people, and is told apart by its mark.
 */
import { randomInt } from 'node:crypto';
import type { Demo } from '../demo/demo.ts';
import type { DemoLogin } from '../demo/env-file.ts';
import { waitUntil } from '../poll.ts';
import { createSubmitter } from '../clients/nodemailer-client.ts';

/** Most are small; some go over the bound from which a message is a file of its own. */
const SIZES = [200, 2_000, 20_000, 300_000] as const;
/** Of one attempt: what was killed in mid-answer says nothing any more. */
const LIMIT_MS = 8_000;

export class SubmitStream {
  /** Marks of messages that were answered with 250, for all their recipients. */
  readonly taken: string[] = [];
  /** Marks of all messages that were ever begun. */
  readonly begun: Set<string> = new Set();
  readonly #demo: Demo;
  readonly #author: DemoLogin;
  readonly #to: readonly string[];
  #isStopped = false;

  constructor(demo: Demo, author: DemoLogin, to: readonly string[]) {
    this.#demo = demo;
    this.#author = author;
    this.#to = to;
  }

  /** Submits until `stop`, one after the other, connecting anew for each. */
  async run(): Promise<void> {
    while (!this.#isStopped) {
      const mark = `mark-${this.#author.name}-${this.begun.size}-`;
      this.begun.add(mark);
      if (await this.#submit(mark)) this.taken.push(mark);
    }
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** Whether it was taken. What else comes of it, nobody was promised anything. */
  async #submit(mark: string): Promise<boolean> {
    const client = createSubmitter(this.#demo, this.#author, 'submissions', LIMIT_MS);
    const text = 'x'.repeat(SIZES[randomInt(SIZES.length)] ?? 200).replace(/.{70}/gu, '$&\r\n');
    try {
      const letter = { from: this.#author.name, to: [...this.#to], subject: mark, text };
      const { rejected } = await client.sendMail(letter);
      return rejected.length === 0;
    } catch {
      // Killed in mid-dialogue, or its site is not back yet.
      return false;
    } finally {
      client.close();
    }
  }
}

/** Waits until so many were taken by it. */
export async function awaitTaken(stream: SubmitStream, count: number): Promise<void> {
  const look = (): true | undefined => stream.taken.length >= count || undefined;
  await waitUntil(`${count} messages that were taken`, look, 60_000);
}
