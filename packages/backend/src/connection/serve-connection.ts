/**
 * One connection at a worker, from its first octet to the release of everything it held: the
 * login phase, the session, the goodbye. The same for every protocol.
 */
import { TICKET_EXPORTER_BYTES, TICKET_EXPORTER_LABEL } from '@homeward/ticket';
import {
  type Endpoint,
  findChannelBinding,
  formatEndpoint,
  type SocketStream,
} from '@homeward/net';
import type { SessionEndReason, TokenHint } from '@homeward/sasl';
import type { Clock, SessionLog } from '@homeward/service';
import type { SessionChanges } from '../login/account-watch.ts';
import type { Login, LoginRefusalReason, RefusedAbout } from '../login/login.ts';
import type { LoginAttempt, LoginJudge, ScramLookup } from '../login/ports.ts';
import { BoundedEnd } from './bounded-end.ts';
import type { ConnectionLog, RefusedAttempt } from './connection-log.ts';
import type { LiveSession } from './live-sessions.ts';
import { type LoginPhaseEnd, runLoginPhase } from './login-phase.ts';
import { type LoggedSession, noteEnd, noteLogin, noteRefusedLogin } from './protocol-lines.ts';
import { PreAuthTime } from './pre-auth-time.ts';
import type { SessionsByConversation } from './sessions-by-conversation.ts';
import type { ProtocolService, RunnableSession } from './protocol-service.ts';

/** What every connection of a worker shares. */
export interface ServeParts {
  readonly judge: LoginJudge;
  readonly findScramParameters: ScramLookup;
  /** See `SaslSurroundings`. */
  readonly makeNonce: () => string;
  readonly tokenHint: () => TokenHint;
  readonly log: ConnectionLog;
  /** Where the lines of a session's protocol log go. */
  readonly openLines: (session: LoggedSession, server: Endpoint) => SessionLog;
  readonly clock: Pick<Clock, 'elapsedMs' | 'after'>;
  /** Read at each use: limits apply live. */
  readonly limits: {
    readonly preAuthMs: number;
    readonly idleMsOf: (login: Login) => number;
  };
  readonly upgrade: (stream: SocketStream) => Promise<boolean>;
  /** Tells of changes of the account as long as it goes on. @returns How to cease watching. */
  readonly watchAccount: (login: Login, session: SessionChanges) => () => void;
  readonly sessions: SessionsByConversation;
}

/** Begins to serve; everything that goes wrong is dealt with here. */
export function serveConnection<Resource>(
  stream: SocketStream,
  service: ProtocolService<Resource>,
  parts: ServeParts,
): LiveSession {
  const connection = new Connection(stream, service, parts);
  const done = connection.serve();
  return {
    get isLoggedIn() {
      return connection.isLoggedIn;
    },
    done,
    requestEnd: () => connection.requestEnd(),
    destroy: () => connection.destroy(),
  };
}

class Connection<Resource> {
  readonly #stream: SocketStream;
  readonly #service: ProtocolService<Resource>;
  readonly #parts: ServeParts;
  /** Settles when whoever has not logged in is told to go. */
  readonly #gone: PromiseWithResolvers<'gone'> = Promise.withResolvers();
  #session: RunnableSession | undefined;
  #isEnding = false;

  constructor(stream: SocketStream, service: ProtocolService<Resource>, parts: ServeParts) {
    this.#stream = stream;
    this.#service = service;
    this.#parts = parts;
  }

  get isLoggedIn(): boolean {
    return this.#session !== undefined;
  }

  get #via(): string | undefined {
    const { via } = this.#stream;
    return via && formatEndpoint(via);
  }

  /** Before login nothing is lost by ending at once. */
  requestEnd(): void {
    this.#isEnding = true;
    if (this.#session !== undefined) {
      this.#session.requestEnd('shutting-down');
      return;
    }
    this.#gone.resolve('gone');
    void this.#stream.end();
  }

  destroy(): void {
    this.#gone.resolve('gone');
    this.#stream.destroy('shutting-down');
  }

  async serve(): Promise<void> {
    try {
      await this.#serve();
    } catch (error) {
      this.#parts.log.failed(this.#service.protocol, error);
      this.#stream.destroy('failed');
    }
  }

  async #serve(): Promise<void> {
    const stream = this.#stream;
    const outcome = await this.#logIn();
    if (outcome.kind === 'logged-in') await this.#serveSession(outcome);
    await stream.end();
  }

  #logIn(): Promise<LoginPhaseEnd<Resource>> {
    const service = this.#service;
    const stream = this.#stream;
    const isEncrypted = stream.tls !== undefined;
    const { clock, limits } = this.#parts;
    return runLoginPhase({
      stream,
      time: new PreAuthTime({ stream, clock, limitMs: () => limits.preAuthMs }),
      dialogue: service.createDialogue({
        isEncrypted,
        surroundings: {
          makeNonce: this.#parts.makeNonce,
          findChannelBinding: (type) => findChannelBinding(stream, type),
          tokenHint: this.#parts.tokenHint(),
        },
      }),
      // Nothing is opened by it, and it may take long: guessers are made to wait.
      judge: (attempt) => Promise.race([this.#parts.judge(attempt), this.#gone.promise]),
      findScramParameters: (names) => this.#parts.findScramParameters(names, service.protocol),
      release: (resource) => service.release(resource),
      describeAttempt: (step) => this.#describeAttempt(step),
      open: (login) => service.open(login),
      capabilities: service.capabilities,
      upgrade: () => this.#parts.upgrade(stream),
      onRefused: (reason, { method, loginName }, detail, about) => {
        const { protocol } = service;
        const remoteAddress = stream.remote.address;
        const via = this.#via;
        const attempt = { protocol, method, loginName, remoteAddress, via };
        this.#parts.log.refused(reason, attempt, detail, about);
        this.#noteRefusal(reason, attempt, about);
      },
    });
  }

  /** A line of the protocol log, under the conversation that the front end named. */
  #noteRefusal(
    reason: LoginRefusalReason,
    { protocol, method }: RefusedAttempt,
    about: RefusedAbout | undefined,
  ): void {
    const { local, remote } = this.#stream;
    const { login, conversationId = '' } = about ?? {};
    const client =
      login === undefined ? remote : { address: login.clientAddress, port: login.clientPort };
    const lines = this.#parts.openLines({ protocol, conversationId, client }, local);
    noteRefusedLogin(lines, { protocol, method, reason, name: login?.loginName });
  }

  #describeAttempt(step: Pick<LoginAttempt, 'credentials' | 'method'>): LoginAttempt {
    const { address, port } = this.#stream.remote;
    const exported = this.#stream.exportKeyingMaterial(
      TICKET_EXPORTER_BYTES,
      TICKET_EXPORTER_LABEL,
    );
    return {
      protocol: this.#service.protocol,
      method: step.method,
      credentials: step.credentials,
      connection: {
        remoteAddress: address,
        remotePort: port,
        via: this.#via,
        exporter: exported && Buffer.from(exported).toString('base64url'),
        isEncrypted: this.#stream.tls !== undefined,
        whenGone: () => this.#stream.peerEnded,
      },
    };
  }

  async #serveSession({
    login,
    resource,
    early,
    choices,
  }: Extract<LoginPhaseEnd<Resource>, { readonly kind: 'logged-in' }>): Promise<void> {
    const { log, clock, limits } = this.#parts;
    const startedMs = clock.elapsedMs();
    // Whatever throws from here on: nothing stays locked, counted or watched.
    await using held = new AsyncDisposableStack();
    let isStarted = false;
    let reason = 'failed';
    held.defer(() => {
      if (!isStarted) return;
      const durationMs = clock.elapsedMs() - startedMs;
      noteEnd(lines, reason, durationMs);
      log.ended(login, reason, Math.round(durationMs));
    });
    held.defer(() => this.#service.release(resource));
    const client = { address: login.clientAddress, port: login.clientPort };
    const lines = this.#parts.openLines({ ...login, client }, this.#stream.local);
    noteLogin(lines, login, this.#stream.remote);
    const reference = login.conversationId;
    const beginning = { early, choices, lines, reference };
    const session = this.#service.createSession(this.#stream, resource, beginning);
    this.#session = session;
    held.defer(this.#service.onLost(resource, () => session.requestEnd('mail-unavailable')));
    const boundedEnd = login.secret === undefined ? undefined : this.#boundEndOf(session);
    held.defer(() => boundedEnd?.cancel());
    const asked = {
      requestEnd: (reason: SessionEndReason) =>
        boundedEnd ? boundedEnd.request(reason) : session.requestEnd(reason),
    };
    held.defer(
      this.#parts.watchAccount(login, {
        end: (why) => asked.requestEnd(why),
        renew: ({ quotaBytes, quotaMessages }) =>
          this.#service.setQuota(resource, { bytes: quotaBytes, messages: quotaMessages }),
      }),
    );
    held.defer(this.#parts.sessions.add(login.conversationId, asked));
    isStarted = true;
    log.started(login);
    this.#stream.setIdleLimit(limits.idleMsOf(login));
    if (this.#isEnding) session.requestEnd('shutting-down');
    const ownReason = await session.run();
    reason = boundedEnd?.cutReason ?? ownReason;
  }

  /** Of a session whose login no front end has made. */
  #boundEndOf(session: RunnableSession): BoundedEnd {
    return new BoundedEnd({
      ask: (reason) => session.requestEnd(reason),
      cut: (reason) => this.#stream.destroy(reason),
      after: (delayMs, run) => this.#parts.clock.after(delayMs, run),
    });
  }
}
