/**
 * One client connection from its greeting to its last octet: the pre-auth dialogue, then the
 * splice with its home. Owns both connections and the session's claim, and gives all of them
 * back; reports once, at the end.
 */
import { ClientPhase } from './client-phase.ts';
import type { ConversationId } from './conversation-id.ts';
import { abandonSession } from './login.ts';
import type {
  ClientConnection,
  ConversationPorts,
  LogFields,
  MailProtocol,
  Splice,
  SpliceEnd,
} from './ports.ts';
import { runPreAuth, type Handover, type PreAuthOutcome } from './pre-auth.ts';

/** A client at the door. */
export interface Visitor {
  readonly conversationId: ConversationId;
  readonly protocol: MailProtocol;
  readonly client: ClientConnection;
}

export class Conversation {
  readonly #visitor: Visitor;
  readonly #ports: ConversationPorts;
  readonly #startedAtMs: number;
  /** Ends the phase that the conversation is in. */
  #stopPhase: (() => void) | undefined;
  #isStopping = false;

  constructor(visitor: Visitor, ports: ConversationPorts) {
    this.#visitor = visitor;
    this.#ports = ports;
    this.#startedAtMs = ports.clock.nowMs();
  }

  /** Leads it to its end. Call once; never rejects. The client's connection is then closed. */
  async run(): Promise<void> {
    const { client, protocol } = this.#visitor;
    this.#ports.metrics.connectionOpened(protocol);
    try {
      const outcome = await this.#runPreAuth();
      if (outcome.ok) await this.#runSession(outcome.handover);
      else await this.#turnAway(outcome);
    } catch (error) {
      this.#ports.log.error('conversation.failed', this.#fields(), error);
      client.destroy();
    } finally {
      this.#stopPhase = undefined;
      this.#ports.metrics.connectionClosed(protocol);
    }
  }

  /**
   * Ends it with a farewell as soon as the client can understand one: at once before login,
   * after the answer during a login, and between two commands in a session, as far as octets
   * show that (see `Splice.end`).
   */
  stop(): void {
    this.#isStopping = true;
    this.#stopPhase?.();
  }

  async #runPreAuth(): Promise<PreAuthOutcome> {
    const { client, protocol, conversationId } = this.#visitor;
    const phase = new ClientPhase(client, this.#ports.clock);
    this.#stopPhase = () => phase.interrupt('shutting-down');
    if (this.#isStopping) this.#stopPhase();
    const isSecure = client.tls !== undefined;
    const dialogue = this.#ports.dialogues.createLoginDialogue(protocol, isSecure);
    phase.restartLimit(this.#ports.settings.preAuthenticatedTimeoutMs);
    try {
      return await runPreAuth({
        conversationId,
        protocol,
        client,
        phase,
        dialogue,
        ports: this.#ports,
      });
    } finally {
      phase.release();
    }
  }

  async #turnAway({ reason, farewell, tally }: Extract<PreAuthOutcome, { ok: false }>) {
    const { client } = this.#visitor;
    if (farewell !== undefined) void client.write(farewell);
    await Promise.all([client.close(), tally.leftovers]);
    // A visitor who never tried to log in is a health check or a port scan: not news.
    const level = tally.refusalCount === 0 ? 'debug' : 'info';
    this.#ports.log[level]('conversation.ended', {
      ...this.#fields(),
      endedBy: reason,
      refusalCount: tally.refusalCount,
    });
  }

  async #runSession(handover: Handover): Promise<void> {
    const { session, loginDurationMs } = handover;
    const { account, site, claim } = session;
    let end: SpliceEnd;
    try {
      end = await this.#join(handover).ended;
    } catch (error) {
      await abandonSession(session);
      throw error;
    }
    await claim.release();
    this.#ports.log.info('conversation.ended', {
      ...this.#fields(),
      accountId: account.id,
      account: account.address,
      site,
      loginMs: loginDurationMs,
      clientOctets: end.clientOctets,
      homeOctets: end.homeOctets,
      endedBy: end.cause,
    });
  }

  /** The client's OK, what either side sent early, in order, then octets only. */
  #join({ session, answer, early, farewells }: Handover): Splice {
    const { client } = this.#visitor;
    const { connection, early: homeEarly } = session.home;
    client.cork();
    void client.write(answer);
    if (homeEarly.length > 0) void client.write(homeEarly);
    client.uncork();
    // Both are bounded by their dialogues; the splice waits until they have drained.
    if (early.length > 0) void connection.write(early);
    const splice = this.#ports.relay.splice(client, connection, {
      idleLimitMs: this.#ports.settings.authenticatedTimeoutMs,
      idleFarewell: farewells.idle,
    });
    const { shuttingDown } = farewells;
    this.#stopPhase = () => splice.end(shuttingDown);
    if (this.#isStopping) this.#stopPhase();
    return splice;
  }

  #fields(): LogFields {
    const { conversationId, protocol, client } = this.#visitor;
    return {
      conversationId,
      protocol,
      clientAddress: client.remote.address,
      tls: client.tls?.version,
      durationMs: this.#ports.clock.nowMs() - this.#startedAtMs,
    };
  }
}
