/**
 * The dialogue before login of protocols whose commands are lines and whose AUTH is RFC 5034's or
 * RFC 4954's: octets in, steps out. Nothing waits here and nothing is verified here.
 *
 * Invariants:
 * - one line at a time is looked at, and no further line while a login is being verified;
 * - nothing that came before TLS is seen after it, neither a name nor an octet;
 * - whatever is refused costs one of `badCommandLimit`, so that no client can try for ever;
 * - what is not refused is counted, too, so that what a stranger makes us say is bounded.
 */
import { ByteQueue, recogniseWaitingClient, takeLine } from '@homeward/wire';
import type { Line } from '@homeward/wire';
import type {
  Credentials,
  DeclinedLogins,
  DeclineReason,
  DialogueEnd,
  DialogueStep,
  FarewellReason,
  LoginDialogue,
  LoginMethod,
  LoginRefusal,
  SessionFarewells,
} from '../login-dialogue.ts';
import { lineWithReference } from '../reference.ts';
import type { ScramParameters } from '../scram/scram-parameters.ts';
import { formatServerFinal } from '../scram/scram-server.ts';
import { StepQueue } from '../step-queue.ts';
import { AuthExchange, type AuthFailure, type AuthStep } from './auth-exchange.ts';
import { isAuthWaiting } from './auth-offer.ts';
import type { AuthDesk, AuthProtocol, AuthWords } from './auth-protocol.ts';

export interface AuthDialogueLimits {
  /** Octets of one command with its line end; AUTH may be longer, see `AuthOffer`. */
  readonly commandBytes: number;
  /** After so many wrong commands and refused logins the connection ends; at least 1. */
  readonly badCommandLimit: number;
  /** Octets that may wait behind a login that is being verified. */
  readonly earlyBytes: number;
}

/** Makes the dialogue of one connection. It holds nothing that must be closed. */
export function createAuthDialogue(
  protocol: AuthProtocol,
  limits: AuthDialogueLimits,
): LoginDialogue {
  return new AuthDialogue(protocol, limits);
}

/**
 * Commands before a login. Mail programs send a handful; of the shortest one 20,000 fit into one
 * piece of input, and all their answers would be made before the first is sent.
 */
const COMMAND_LIMIT = 200;

type Mode =
  | { readonly kind: 'command' }
  | { readonly kind: 'exchange'; readonly exchange: AuthExchange }
  /** The server's proof was sent (RFC 5802 §3); an empty response shows that it is believed. */
  | { readonly kind: 'proving'; readonly exchange: AuthExchange }
  /**
   * Somebody verifies a login, or looks up what its exchange needs. `exchange` is undefined for a
   * login without one (POP3's USER and PASS).
   */
  | { readonly kind: 'verifying'; readonly exchange: AuthExchange | undefined }
  /** The mechanism said why in a challenge; the refusal follows the client's answer to it. */
  | { readonly kind: 'refusing'; readonly exchange: AuthExchange; readonly answer: string }
  | { readonly kind: 'starting-tls' }
  | { readonly kind: 'finished' };

const COMMAND_MODE: Mode = { kind: 'command' };

class AuthDialogue implements LoginDialogue, AuthDesk {
  readonly #protocol: AuthProtocol;
  readonly #limits: AuthDialogueLimits;
  readonly #queue = new ByteQueue();
  readonly #output = new StepQueue();
  #mode: Mode = COMMAND_MODE;
  /** The first octets were looked at: no browser, no TLS handshake. */
  #isRecognised = false;
  #reference: string | undefined;
  #badCommandCount = 0;
  #commandCount = 0;
  #declined: DeclinedLogins = { count: 0, lastReason: undefined };

  constructor(protocol: AuthProtocol, limits: AuthDialogueLimits) {
    this.#protocol = protocol;
    this.#limits = limits;
  }

  // ---- for the connection's owner

  get declined(): DeclinedLogins {
    return this.#declined;
  }

  greet(reference: string | undefined): readonly DialogueStep[] {
    this.#reference = reference;
    this.say(lineWithReference(this.#protocol.greet(), reference));
    return this.#output.take();
  }

  receive(octets: Uint8Array): readonly DialogueStep[] {
    if (this.#mode.kind === 'finished' || this.#mode.kind === 'starting-tls') return [];
    this.#queue.push(octets);
    return this.#advance();
  }

  tlsStarted(): readonly DialogueStep[] {
    this.#queue.clear();
    this.#protocol.tlsStarted();
    this.#isRecognised = false;
    this.#mode = COMMAND_MODE;
    return [];
  }

  scramParametersFound(parameters: ScramParameters): readonly DialogueStep[] {
    // Closed meanwhile, for too many early octets.
    if (this.#mode.kind === 'finished') return [];
    const exchange = this.#verifiedExchange();
    this.#takeSaslStep(exchange, exchange.proceed(parameters));
    return this.#advance();
  }

  proveServer(serverSignature: Uint8Array): readonly DialogueStep[] {
    if (this.#mode.kind === 'finished') return [];
    this.#mode = { kind: 'proving', exchange: this.#verifiedExchange() };
    this.say(this.#words.challenge(formatServerFinal(serverSignature)));
    return this.#advance();
  }

  loginRefused(
    reason: LoginRefusal,
    detail: string | undefined,
    reference: string | undefined,
  ): readonly DialogueStep[] {
    if (this.#mode.kind === 'finished') return [];
    if (this.#mode.kind !== 'verifying') throw new Error('no login is being verified');
    const { exchange } = this.#mode;
    const answer = this.#words.refusal(reason, detail, reference);
    const challenge = reason === 'bad-credentials' ? exchange?.refused() : undefined;
    if (exchange === undefined || challenge === undefined) {
      this.refuse(answer);
    } else {
      this.#mode = { kind: 'refusing', exchange, answer };
      this.say(this.#words.challenge(challenge));
    }
    return this.#advance();
  }

  loginAccepted(): { readonly octets: string; readonly early: Uint8Array } {
    if (this.#mode.kind !== 'verifying') throw new Error('no login is being verified');
    this.#mode = { kind: 'finished' };
    return { octets: this.#words.loggedIn, early: this.#queue.takeAll() };
  }

  farewell(reason: FarewellReason, detail?: string): string {
    return lineWithReference(this.#protocol.farewell(reason, detail), this.#reference);
  }

  sessionFarewells(): SessionFarewells {
    return this.#protocol.sessionFarewells();
  }

  // ---- for the protocol

  say(reply: string): void {
    this.#output.say(reply);
  }

  refuse(reply: string): void {
    this.#mode = COMMAND_MODE;
    this.say(reply);
    this.#badCommandCount += 1;
    if (this.#badCommandCount >= this.#limits.badCommandLimit) {
      this.close('too-many-errors', this.#words.tooManyErrors);
    }
  }

  refuseLogin(reply: string, reason: DeclineReason): void {
    this.#declined = { count: this.#declined.count + 1, lastReason: reason };
    this.refuse(lineWithReference(reply, this.#reference));
  }

  close(reason: DialogueEnd, last: string | undefined): void {
    const isOurs = reason !== 'logged-out';
    if (last !== undefined) this.say(isOurs ? lineWithReference(last, this.#reference) : last);
    this.#mode = { kind: 'finished' };
    this.#queue.clear();
    this.#output.add({ kind: 'close', reason });
  }

  startTls(isOffered: boolean): void {
    if (this.#protocol.offer.isEncrypted) {
      this.refuse(this.#words.tlsIsActive);
    } else if (isOffered) {
      // RFC 2595 §4, RFC 3207 §5, and no octet that somebody slipped in front of the handshake.
      this.#queue.clear();
      this.say(this.#words.tlsBegins);
      this.#mode = { kind: 'starting-tls' };
      this.#output.add({ kind: 'start-tls' });
    } else {
      this.refuse(this.#words.tlsIsUnavailable);
    }
  }

  authenticate(mechanismName: string, initialResponse: string | undefined): void {
    const { offer } = this.#protocol;
    const mechanism = offer.find(mechanismName);
    if (mechanism === 'unknown') {
      this.refuseLogin(this.#words.unknownMechanism, 'mechanism-not-offered');
    } else if (mechanism === 'needs-tls') {
      this.refuseLogin(this.#words.refusal('privacy-required'), 'privacy-required');
    } else {
      const exchange = new AuthExchange(mechanism, offer.surroundings);
      this.#takeSaslStep(exchange, exchange.start(initialResponse));
    }
  }

  verify(method: LoginMethod, credentials: Credentials): void {
    this.#verify(method, credentials, undefined);
  }

  get #words(): AuthWords {
    return this.#protocol.words;
  }

  // ---- reading

  /** Takes lines as long as the mode lets it. */
  #advance(): readonly DialogueStep[] {
    for (;;) {
      const limitBytes = this.#lineLimitBytes();
      if (limitBytes === undefined || this.#awaitsRecognition()) break;
      const line = takeLine(this.#queue, limitBytes);
      if (line === 'need-more') break;
      if (line === 'too-long') {
        this.close('line-too-long', this.#words.lineTooLong);
        break;
      }
      this.#takeLine(line);
    }
    const isOverfull = this.#queue.length > this.#limits.earlyBytes;
    if (this.#mode.kind === 'verifying' && isOverfull) {
      this.close('too-many-early-octets', this.#words.waitForAnswer);
    }
    return this.#output.take();
  }

  /** @returns The limit of the next line, or undefined if none is wanted now. */
  #lineLimitBytes(): number | undefined {
    switch (this.#mode.kind) {
      case 'command':
        return isAuthWaiting(this.#queue)
          ? this.#protocol.offer.authCommandBytes
          : this.#limits.commandBytes;
      case 'exchange':
      case 'refusing':
      case 'proving':
        return this.#mode.exchange.lineBytes;
      case 'verifying':
      case 'starting-tls':
      case 'finished':
        return undefined;
    }
  }

  /** True while the first octets may still turn out to be another protocol's. */
  #awaitsRecognition(): boolean {
    if (this.#isRecognised) return false;
    const client = recogniseWaitingClient(this.#queue);
    if (client === 'need-more') return true;
    this.#isRecognised = true;
    if (client === 'http') this.close('http-client', this.#words.webClient);
    if (client === 'tls' && !this.#protocol.offer.isEncrypted) {
      this.close('tls-to-plain-port', this.#words.tlsToPlainPort);
    }
    return this.#mode.kind === 'finished';
  }

  #takeLine(line: Line): void {
    switch (this.#mode.kind) {
      case 'exchange':
        this.#takeSaslStep(this.#mode.exchange, this.#mode.exchange.respond(line));
        return;
      case 'refusing':
        this.refuse(this.#mode.answer);
        return;
      case 'proving':
        this.#takeBelief(this.#mode.exchange, line);
        return;
      case 'command':
      case 'verifying':
      case 'starting-tls':
      case 'finished':
        this.#takeCommand(line);
    }
  }

  #takeCommand(line: Line): void {
    this.#commandCount += 1;
    if (this.#commandCount > COMMAND_LIMIT) {
      this.close('too-many-errors', this.#words.tooManyCommands);
    } else {
      this.#protocol.takeCommand(line, this);
    }
  }

  // ---- AUTH

  #takeBelief(exchange: AuthExchange, line: Line): void {
    if (line.octets.length === 0) {
      this.#mode = { kind: 'verifying', exchange };
      this.#output.add({ kind: 'server-believed' });
      return;
    }
    // Whoever sits between the two of us: nothing more is said over this connection.
    this.close('server-not-believed', this.#words.notBelieved);
  }

  #verifiedExchange(): AuthExchange {
    const exchange = this.#mode.kind === 'verifying' ? this.#mode.exchange : undefined;
    if (exchange === undefined) throw new Error('no exchange is being verified');
    return exchange;
  }

  #takeSaslStep(exchange: AuthExchange, step: AuthStep): void {
    switch (step.kind) {
      case 'challenge':
        this.#mode = { kind: 'exchange', exchange };
        this.say(this.#words.challenge(step.octets));
        return;
      case 'parameters-wanted': {
        const { loginName, actAs } = step;
        this.#mode = { kind: 'verifying', exchange };
        this.#output.add({ kind: 'find-scram-parameters', loginName, actAs });
        return;
      }
      case 'credentials':
        this.#verify(exchange.method, step.credentials, exchange);
        return;
      case 'failed':
        this.#refuseStep(step.reason);
    }
  }

  /** What is no base64, or cancelled, is no login that anybody asks after. */
  #refuseStep(reason: AuthFailure): void {
    const words = this.#words.failure(reason);
    if (reason === 'response-not-fit') this.refuseLogin(words, 'unusable-credentials');
    else this.refuse(words);
  }

  #verify(method: LoginMethod, credentials: Credentials, exchange: AuthExchange | undefined): void {
    this.#mode = { kind: 'verifying', exchange };
    const { choices, hopsLeft } = this.#protocol;
    const told = hopsLeft === undefined ? {} : { hopsLeft };
    this.#output.add({ kind: 'authenticate', method, credentials, choices, ...told });
  }
}
