/** One home's part in a transaction: its connection, and what it has said. */
import type { LmtpLink } from '@homeward/home-delivery';
import type { Refusal } from '@homeward/smtp/session';
import type { ServerReply } from '@homeward/smtp/upstream';
import { refusalOfReply, SITE_AWAY } from './refusals.ts';

export class FanOutTarget {
  /** The site's name, for logs. */
  readonly site: string;
  readonly link: LmtpLink;
  /** That were accepted. */
  recipientCount = 0;
  /** For how long it has kept the message waiting, in milliseconds. */
  waitedMs = 0;
  #started: ServerReply | undefined;
  #isGivenUp = false;

  constructor(site: string, link: LmtpLink) {
    this.site = site;
    this.link = link;
  }

  /** Whether octets of the message still go there. */
  get isTaking(): boolean {
    return this.#started?.code === 354 && !this.#isGivenUp && this.link.client.lost === undefined;
  }

  /** DATA; it has a recipient. @returns Why it takes no message; undefined: it does. */
  async start(): Promise<Refusal | undefined> {
    this.#started = await this.link.startMessage();
    if (this.#started.code === 354) return undefined;
    return refusalOfReply(this.#started) ?? SITE_AWAY;
  }

  /** It is too slow, or shall not have the message: nothing of it stays there. */
  giveUp(): void {
    this.#isGivenUp = true;
    this.link.destroy();
  }

  /** @returns For each recipient that it accepted, in order, what has come of it. */
  async end(): Promise<{
    readonly replies: readonly ServerReply[];
    /** It had the whole message, whatever it said. */
    readonly isWhole: boolean;
  }> {
    const started = this.#started;
    if (started?.code !== 354) {
      // What is neither 354 nor a refusal is no answer to DATA, and nobody has the message.
      const reply = started !== undefined && started.code >= 400 ? started : LOST;
      const replies = Array.from({ length: this.recipientCount }, () => reply);
      await this.leave();
      return { replies, isWhole: false };
    }
    const isWhole = this.isTaking;
    const replies = await this.link.endMessage();
    this.link.release();
    return { replies: this.#isGivenUp ? replies.map(() => LOST) : replies, isWhole };
  }

  /** Without a message. */
  async leave(): Promise<void> {
    if (this.link.isUsable) await this.link.client.reset();
    this.link.release();
  }
}

const LOST: ServerReply = { code: 451, enhanced: '4.4.1', lines: ['Given up'], isLost: true };
