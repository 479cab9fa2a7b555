/**
 * One client connection from its greeting to its last octet: the pre-auth dialogue, then the
 * splice with its home. Owns both connections and the session's claim, and gives all of them
 * back; reports once, at the end.
 */
import type { HeldClaim } from '@homeward/login-guards';
import { isRevocation, type LoginDialogue, type SessionEndReason } from '@homeward/sasl';
import { ClientPhase } from './client-phase.ts';
import type { ConversationId } from './conversation-id.ts';
import type { LiveConversation, SessionFacts } from './live-session.ts';
import { abandonSession } from '../login/open-session.ts';
import type {
  ClientConnection,
  ConversationPorts,
  SessionEndCause,
  Splice,
  SpliceEnd,
  SpliceEndCause,
} from './ports.ts';
import type { MailProtocol } from '../login/ports.ts';
import { noteClosing, noteOpening, type ProtocolLines } from './protocol-lines.ts';
import { runPreAuth, type Handover, type PreAuthOutcome } from './pre-auth.ts';

/** A client at the door. */
export interface Visitor {
  readonly conversationId: ConversationId;
  readonly protocol: MailProtocol;
  readonly client: ClientConnection;
  readonly dialogue: LoginDialogue;
}

/** What a conversation keeps while octets flow, and no more. */
interface Joined {
  readonly ended: Promise<SpliceEnd>;
  readonly claim: HeldClaim;
}

interface VisitorFields {
  readonly conversationId: string;
  readonly protocol: MailProtocol;
  readonly clientAddress: string;
  readonly via: string | undefined;
  readonly tls: string | undefined;
}

export class Conversation implements LiveConversation {
  readonly conversationId: ConversationId;
  readonly protocol: MailProtocol;
  readonly clientAddress: string;
  readonly #via: string | undefined;
  readonly #ports: ConversationPorts;
  readonly #onJoined: (conversation: Conversation) => void;
  readonly #startedAtMs: number;
  /** Let go of once it is joined: a session of hours costs its two sockets and little else. */
  #client: ClientConnection | undefined;
  #dialogue: LoginDialogue | undefined;
  #tlsVersion: string | undefined;
  readonly #lines: ProtocolLines;
  /** Ends the phase that the conversation is in. */
  #endPhase: ((reason: SessionEndReason) => void) | undefined;
  #endReason: SessionEndReason | undefined;
  #session: SessionFacts | undefined;

  /** @param onJoined Told when a home has opened the session: `session` is known from then on. */
  constructor(
    { conversationId, protocol, client, dialogue }: Visitor,
    ports: ConversationPorts,
    onJoined: (conversation: Conversation) => void = () => undefined,
  ) {
    this.conversationId = conversationId;
    this.protocol = protocol;
    this.clientAddress = client.remote.address;
    this.#onJoined = onJoined;
    this.#via = client.via;
    this.#client = client;
    this.#dialogue = dialogue;
    this.#ports = ports;
    this.#startedAtMs = ports.clock.elapsedMs();
    const { remote, local } = client;
    this.#lines = ports.protocolLog.openSession({
      protocol,
      sessionId: conversationId,
      server: local,
      client: remote,
    });
  }

  get session(): SessionFacts | undefined {
    return this.#session;
  }

  /** Leads it to its end. Call once; never rejects. The client's connection is then closed. */
  async run(): Promise<void> {
    this.#ports.metrics.connectionOpened(this.protocol);
    try {
      // Two calls, so that the first one's frame, and all that it refers to, is gone by the second.
      const joined = await this.#begin();
      if (joined !== undefined) await this.#awaitEnd(joined);
    } catch (error) {
      this.#ports.log.log('conversation.failed', { ...this.#fields(), error });
      this.#client?.destroy();
    } finally {
      this.#endPhase = undefined;
      this.#ports.metrics.connectionClosed(this.protocol);
    }
  }

  end(reason: SessionEndReason): void {
    const before = this.#endReason;
    // Who may have no more is not left the time that a drain gives to a running command.
    const isUrgent = this.#session !== undefined && isRevocation(reason);
    if (before !== undefined && (!isUrgent || isRevocation(before))) return;
    this.#endReason = reason;
    this.#endPhase?.(reason);
  }

  /** From the greeting to the splice. @returns Nothing when it has ended before that. */
  async #begin(): Promise<Joined | undefined> {
    const client = this.#client;
    const dialogue = this.#dialogue;
    this.#dialogue = undefined;
    if (client === undefined || dialogue === undefined) return undefined;
    noteOpening(this.#lines, client);
    const outcome = await this.#runPreAuth(client, dialogue);
    this.#tlsVersion = client.tls?.version;
    if (!outcome.ok) {
      await this.#turnAway(client, dialogue, outcome);
      return undefined;
    }
    const { session, loginDurationMs } = outcome.handover;
    try {
      const splice = this.#join(client, outcome.handover);
      this.#client = undefined;
      this.#session = {
        accountId: session.mailbox.id,
        account: session.mailbox.address,
        delegateId: session.delegateId,
        site: session.site,
        workerIndex: session.workerIndex,
        loginMs: loginDurationMs,
        access: session.access,
        secret: session.secret,
      };
      this.#onJoined(this);
      return { ended: splice.ended, claim: session.claim };
    } catch (error) {
      await abandonSession(session);
      throw error;
    }
  }

  async #runPreAuth(client: ClientConnection, dialogue: LoginDialogue): Promise<PreAuthOutcome> {
    const ports = this.#ports;
    const phase = new ClientPhase(client, ports.clock);
    this.#enterPhase((reason) => phase.interrupt(reason));
    phase.restartLimit(ports.settings.preAuthenticatedTimeoutMs);
    try {
      return await runPreAuth({
        conversationId: this.conversationId,
        protocol: this.protocol,
        client,
        phase,
        dialogue,
        lines: this.#lines,
        ports,
      });
    } finally {
      phase.release();
    }
  }

  async #turnAway(
    client: ClientConnection,
    { declined }: LoginDialogue,
    { reason, farewell, tally }: Extract<PreAuthOutcome, { ok: false }>,
  ): Promise<void> {
    if (farewell !== undefined) void client.write(farewell);
    await Promise.all([client.close(), tally.leftovers]);
    noteClosing(this.#lines, this.#ageMs(), reason);
    const refusalCount = tally.refusalCount + declined.count;
    const fields = { ...this.#fields(), durationMs: this.#ageMs(), endedBy: reason };
    if (refusalCount === 0) this.#ports.log.log('visitor.left', fields);
    else {
      const why = declined.lastReason;
      this.#ports.log.log('conversation.ended', { ...fields, refusalCount, declined: why });
    }
  }

  /** The client's OK, what either side sent early, in order, then octets only. */
  #join(client: ClientConnection, { session, answer, early, farewells }: Handover): Splice {
    const { target } = session;
    const { connection, early: homeEarly } = session.home;
    client.cork();
    void client.write(answer);
    if (homeEarly.length > 0) void client.write(homeEarly);
    client.uncork();
    // Both are bounded by their dialogues; the splice waits until they have drained.
    if (early.length > 0) void connection.write(early);
    const splice = this.#ports.relay.splice(client, connection, {
      protocol: this.protocol,
      early,
      homeEarly,
      idleLimitMs: this.#ports.settings.authenticatedTimeoutMs(this.protocol),
      idleFarewell: farewells('idle'),
    });
    const { ender } = this.#ports;
    const { conversationId } = this;
    this.#enterPhase((reason) =>
      ender.end(
        { conversationId, target, splice, farewell: farewells(reason, conversationId) },
        reason,
      ),
    );
    return splice;
  }

  /** @param end Called at once if it was asked for before. */
  #enterPhase(end: (reason: SessionEndReason) => void): void {
    this.#endPhase = end;
    if (this.#endReason !== undefined) end(this.#endReason);
  }

  async #awaitEnd({ ended, claim }: Joined): Promise<void> {
    const { cause, clientOctets, homeOctets } = await ended;
    await claim.release();
    const endedBy = this.#judgeCause(cause);
    this.#ports.metrics.sessionEnded(this.protocol, endedBy);
    const octets = { client: clientOctets, home: homeOctets };
    noteClosing(this.#lines, this.#ageMs(), endedBy, octets);
    this.#ports.log.log('conversation.ended', {
      ...this.#fields(),
      durationMs: this.#ageMs(),
      ...logFieldsOf(this.#session),
      clientOctets,
      homeOctets,
      endedBy,
    });
  }

  /** A home that closes after we asked for the end does it for our reason. */
  #judgeCause(cause: SpliceEndCause): SessionEndCause {
    const reason = this.#endReason;
    if (cause === 'stopped') return reason ?? 'shutting-down';
    return cause === 'home' && reason !== undefined ? reason : cause;
  }

  #ageMs(): number {
    return this.#ports.clock.elapsedMs() - this.#startedAtMs;
  }

  #fields(): VisitorFields {
    return {
      conversationId: this.conversationId,
      protocol: this.protocol,
      clientAddress: this.clientAddress,
      via: this.#via,
      tls: this.#tlsVersion,
    };
  }
}

/** What the log is told of a session: not by what it was let in. */
function logFieldsOf(
  session: SessionFacts | undefined,
): Omit<SessionFacts, 'access' | 'secret' | 'workerIndex'> | undefined {
  if (session === undefined) return undefined;
  const { access: _access, secret: _secret, workerIndex: _workerIndex, ...fields } = session;
  return fields;
}
