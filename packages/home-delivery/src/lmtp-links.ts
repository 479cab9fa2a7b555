/**
 * Connections to workers' LMTP ports: dialled when needed, used again for the next message, closed
 * when nobody needs them, and never more than so many to one worker. Who finds all of them in use
 * waits for a while.
 */
import { type ClientTls, type DeadlineWheel, dial } from '@homeward/net';
import type { MailParameters, MailPath } from '@homeward/smtp/grammar';
import type { ServerReply } from '@homeward/smtp/upstream';
import { type LinkLimits, LmtpLink } from './lmtp-link.ts';
import { Places } from './places.ts';
import type { WorkerDoor } from './worker-door.ts';

export interface LmtpLinksParts {
  /** Asked before each dial. */
  readonly tls: () => Promise<ClientTls>;
  readonly wheel: DeadlineWheel;
  /** What we say to LHLO. */
  readonly clientName: string;
  /** Connections to one worker; default 8. */
  readonly perDoor?: number;
  /** How long one is kept that nobody uses; default 30 s. */
  readonly idleMs?: number;
  /** How long somebody waits for one; default 10 s. */
  readonly waitMs?: number;
  readonly limits?: Partial<LinkLimits>;
}

/** A connection behind a MAIL that was accepted; or who is away, or has refused, and why. */
export type BeganTransaction =
  | { readonly ok: true; readonly link: LmtpLink }
  | {
      readonly ok: false;
      readonly reply: ServerReply;
      /** Nobody has answered: others for this worker would not fare better. */
      readonly isAway: boolean;
    };

const DEFAULT_LIMITS: LinkLimits = {
  dialMs: 5_000,
  answerMs: 60_000,
  finalMs: 300_000,
  stallMs: 30_000,
  lastWordMs: 5_000,
};
const PER_DOOR = 8;
const IDLE_MS = 30_000;
const WAIT_MS = 10_000;

type Opened = { readonly ok: true; readonly link: LmtpLink } | { readonly reply: ServerReply };

/** Those of one process. The caller closes it. */
export class LmtpLinks {
  readonly #parts: LmtpLinksParts;
  readonly #limits: LinkLimits;
  readonly #places: Places;
  /** By door; the newest last, which is used first. */
  readonly #idle = new Map<string, { readonly link: LmtpLink; readonly cancel: () => void }[]>();
  readonly #closing = new Set<Promise<void>>();
  #isClosed = false;

  constructor(parts: LmtpLinksParts) {
    this.#parts = parts;
    this.#limits = { ...DEFAULT_LIMITS, ...parts.limits };
    const { perDoor = PER_DOOR, waitMs = WAIT_MS, wheel } = parts;
    this.#places = new Places(perDoor, waitMs, wheel.clock);
  }

  get idleCount(): number {
    return [...this.#idle.values()].reduce((count, links) => count + links.length, 0);
  }

  /**
   * Begins a transaction. Never rejects. A connection that went stale while nobody used it is
   * replaced.
   *
   * @param signal Aborting ends a wait or a dial soon.
   * @returns The link, which the caller must release or destroy.
   */
  async begin(
    door: WorkerDoor,
    { sender, parameters }: { sender: MailPath | undefined; parameters: MailParameters },
    signal?: AbortSignal,
  ): Promise<BeganTransaction> {
    const key = `${door.serverName} ${door.host} ${door.port}`;
    if (!(await this.#places.take(key, signal))) {
      return { ok: false, reply: away('All connections there are in use'), isAway: false };
    }
    for (;;) {
      const kept = this.#takeIdle(key);
      const opened =
        kept === undefined ? await this.#open(key, door, signal) : { ok: true, link: kept };
      if (!('link' in opened)) {
        this.#places.giveBack(key);
        return { ok: false, reply: opened.reply, isAway: true };
      }
      const { link } = opened;
      const reply = await link.client.mail(sender, parameters);
      if (reply.code === 250) return { ok: true, link };
      if (reply.isLost && kept !== undefined) {
        link.discard();
        continue;
      }
      link.release();
      return { ok: false, reply, isAway: reply.isLost };
    }
  }

  /** Closes what is idle; who still has a link keeps it until its release. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const links of this.#idle.values()) {
      for (const { link, cancel } of links) {
        cancel();
        this.#end(link);
      }
    }
    this.#idle.clear();
    await Promise.all(this.#closing);
  }

  #takeIdle(key: string): LmtpLink | undefined {
    const links = this.#idle.get(key);
    const newest = links?.pop();
    if (links?.length === 0) this.#idle.delete(key);
    newest?.cancel();
    newest?.link.take();
    return newest?.link;
  }

  async #open(key: string, door: WorkerDoor, signal: AbortSignal | undefined): Promise<Opened> {
    const { tls, wheel, clientName } = this.#parts;
    let client: ClientTls;
    try {
      client = await tls();
    } catch (error) {
      const why = error instanceof Error ? error.message : 'unknown';
      return { reply: away(`The certificate for deliveries cannot be used: ${why}`) };
    }
    const { host, port, serverName } = door;
    const dialled = await dial(
      {
        addresses: [{ host, port }],
        budgetMs: this.#limits.dialMs,
        tls: { client, serverName },
        ...(signal !== undefined && { signal }),
      },
      wheel,
    );
    if (!dialled.ok) return { reply: away(`${dialled.reason} (${dialled.detail})`) };
    const link = new LmtpLink(dialled.stream, wheel.clock, this.#limits, (released) =>
      this.#takeBack(key, released),
    );
    const reply = await link.client.open(clientName);
    if (reply.code === 250) return { ok: true, link };
    link.discard();
    return { reply };
  }

  #takeBack(key: string, link: LmtpLink): void {
    if (link.isUsable && this.#isClosed) this.#end(link);
    else if (link.isUsable) this.#keep(key, link);
    this.#places.giveBack(key);
  }

  #keep(key: string, link: LmtpLink): void {
    const links = this.#idle.get(key) ?? [];
    this.#idle.set(key, links);
    const { idleMs = IDLE_MS, wheel } = this.#parts;
    const cancel = wheel.clock.after(idleMs, () => {
      const left = links.filter((one) => one.link !== link);
      links.splice(0, links.length, ...left);
      if (links.length === 0) this.#idle.delete(key);
      this.#end(link);
    });
    links.push({ link, cancel });
  }

  #end(link: LmtpLink): void {
    const closing = link.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}

function away(text: string): ServerReply {
  return { code: 451, enhanced: '4.4.1', lines: [text], isLost: true };
}
