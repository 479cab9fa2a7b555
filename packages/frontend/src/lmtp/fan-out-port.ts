/**
 * Who takes the mail of one LMTP session at a front end (RFC 2033): the homes of the recipients.
 * Each recipient is offered to its home at once, so that its answer is the home's own; the message
 * then goes to all of them as it comes. Nothing is kept here.
 */
import type { LmtpLinks } from '@homeward/home-delivery';
import {
  formatMailbox,
  type MailParameters,
  type MailPath,
  type RecipientParameters,
} from '@homeward/smtp/grammar';
import { formatReceived } from '@homeward/smtp/message';
import type { Envelope, MailPort, MessageSink, Refusal } from '@homeward/smtp/session';
import type { ServerReply } from '@homeward/smtp/upstream';
import { FanOutSink } from './fan-out-sink.ts';
import { FanOutTarget } from './fan-out-target.ts';
import type { HomeFinder, MailHome } from './find-homes.ts';
import type { LmtpEvents } from './lmtp-events.ts';
import { refusalOfReply, SITE_AWAY, STOPPING } from './refusals.ts';

export interface FanOutParts {
  readonly homes: Pick<HomeFinder, 'find' | 'findAnew'>;
  readonly links: Pick<LmtpLinks, 'begin'>;
  readonly events: LmtpEvents;
  /** False: MTAs are to go to another front end. */
  readonly isOpen: () => boolean;
  readonly serverName: () => string;
  readonly nowMs: () => number;
  readonly elapsedMs: () => number;
}

/** Who it is for, for the trace. */
export interface FanOutClient {
  readonly conversationId: string;
  readonly address: string;
  readonly isTls: boolean;
}

/** Octets by which a Received field makes a message grow, at most. */
const TRACE_BYTES = 1_024;

/** One session's; its owner calls `endTransaction` at the end. */
export class FanOutPort implements MailPort {
  readonly #parts: FanOutParts;
  readonly #client: FanOutClient;
  #targets = new Map<string, FanOutTarget>();
  /** Homes that are of no use for this message: asked once, not once for each recipient. */
  #unreached = new Map<string, ServerReply>();
  #accepted: FanOutTarget[] = [];
  #sender: MailPath | undefined;
  #parameters: MailParameters | undefined;
  #messageCount = 0;

  constructor(parts: FanOutParts, client: FanOutClient) {
    this.#parts = parts;
    this.#client = client;
  }

  async judgeSender(
    sender: MailPath | undefined,
    parameters: MailParameters,
  ): Promise<Refusal | undefined> {
    if (!this.#parts.isOpen()) return STOPPING;
    this.#sender = sender;
    this.#parameters = parameters;
    return undefined;
  }

  async judgeRecipient(
    recipient: MailPath,
    parameters: RecipientParameters,
  ): Promise<Refusal | undefined> {
    const refusal = await this.#offer(recipient, parameters);
    if (refusal !== undefined) {
      this.#parts.events.onRecipient(refusal.code >= 500 ? 'refused' : 'deferred');
    }
    return refusal;
  }

  async openMessage(envelope: Envelope): Promise<MessageSink | Refusal> {
    const { events, elapsedMs } = this.#parts;
    const all = [...this.#targets.values()];
    const accepted = this.#accepted;
    this.#forget();
    const targets = all.filter(({ recipientCount }) => recipientCount > 0);
    const others = all.filter(({ recipientCount }) => recipientCount === 0);
    await Promise.all(others.map((target) => target.leave()));
    const refusals = await Promise.all(targets.map((target) => target.start()));
    this.#messageCount += 1;
    const reference = `${this.#client.conversationId}-${this.#messageCount}`;
    const sink = new FanOutSink({ reference, targets, accepted, events, elapsedMs });
    if (!targets.some(({ isTaking }) => isTaking)) {
      await sink.abort();
      return refusals.find((refusal) => refusal !== undefined) ?? SITE_AWAY;
    }
    await sink.write(this.#trace(envelope, reference));
    return sink;
  }

  async endTransaction(): Promise<void> {
    const targets = [...this.#targets.values()];
    this.#forget();
    await Promise.all(targets.map((target) => target.leave()));
  }

  #forget(): void {
    this.#targets = new Map();
    this.#unreached = new Map();
    this.#accepted = [];
  }

  #trace({ clientName }: Envelope, id: string): Buffer {
    const { serverName, nowMs } = this.#parts;
    const field = formatReceived({
      clientName,
      clientAddress: this.#client.address,
      serverName: serverName(),
      protocol: this.#client.isTls ? 'LMTPS' : 'LMTP',
      id,
      atMs: nowMs(),
    });
    return Buffer.from(field, 'latin1');
  }

  async #offer(recipient: MailPath, parameters: RecipientParameters): Promise<Refusal | undefined> {
    const homes = await this.#parts.homes.find(formatMailbox(recipient));
    if ('code' in homes) return homes;
    let refusal: Refusal | undefined = SITE_AWAY;
    for (const home of homes) {
      refusal = await this.#offerTo(home, recipient, parameters);
      // Another one may do the same for a group.
      if (refusal !== SITE_AWAY) break;
    }
    return refusal;
  }

  /** A home that the account has left says so; then its new one is asked, once. */
  async #offerTo(
    home: MailHome,
    recipient: MailPath,
    parameters: RecipientParameters,
  ): Promise<Refusal | undefined> {
    const reply = await this.#ask(home, recipient, parameters);
    if (!isNotHere(reply)) return refusalOfReply(reply);
    const present = await this.#parts.homes.findAnew(home);
    if ('code' in present) return present;
    if (present.key === home.key) return refusalOfReply(reply);
    return refusalOfReply(await this.#ask(present, recipient, parameters));
  }

  async #ask(
    home: MailHome,
    recipient: MailPath,
    parameters: RecipientParameters,
  ): Promise<ServerReply> {
    const target = await this.#reach(home);
    if (!(target instanceof FanOutTarget)) return target;
    const reply = await target.link.client.recipient(recipient, parameters);
    if (refusalOfReply(reply) === undefined) {
      target.recipientCount += 1;
      this.#accepted.push(target);
    } else if (reply.isLost) this.#parts.events.onAway(target.site, reply.lines.join(' '));
    return reply;
  }

  async #reach({ key, door, site }: MailHome): Promise<FanOutTarget | ServerReply> {
    const known = this.#targets.get(key) ?? this.#unreached.get(key);
    if (known !== undefined) return known;
    const parameters = this.#parameters;
    if (parameters === undefined) throw new Error('a recipient before the sender');
    const { sizeBytes } = parameters;
    const grown = sizeBytes === undefined ? undefined : sizeBytes + TRACE_BYTES;
    const began = await this.#parts.links.begin(door, {
      sender: this.#sender,
      parameters: { ...parameters, sizeBytes: grown },
    });
    if (!began.ok) {
      if (began.isAway) this.#parts.events.onAway(site.name, began.reply.lines.join(' '));
      this.#unreached.set(key, began.reply);
      return began.reply;
    }
    const target = new FanOutTarget(site.name, began.link);
    this.#targets.set(key, target);
    return target;
  }
}

/** As homes of ours say it (RFC 3463 §3.5, X.4.1). */
function isNotHere({ code, enhanced, isLost }: ServerReply): boolean {
  return !isLost && code === 451 && enhanced === '4.4.1';
}
