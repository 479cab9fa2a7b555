/**
 * Submission before login (RFC 6409 §4.3): EHLO, STARTTLS (RFC 3207), AUTH (RFC 4954), and nothing
 * of a message. Octets in, steps out. Nothing waits here and nothing is verified here.
 *
 * Invariants:
 * - one line at a time is looked at, and no further line while a login is being verified;
 * - nothing that came before TLS is seen after it, neither a name nor an octet;
 * - no octet of a message is ever read as a command: DATA is refused before one is sent, and
 *   BDAT, whose octets come unasked, ends the connection;
 * - whatever is refused costs one of `badCommandLimit`, so that no client can try for ever;
 * - what is not refused is counted, too, so that what a stranger makes us say is bounded.
 */
import { AuthExchange, formatServerFinal, isAuthWaiting, StepQueue } from '@homeward/sasl';
import type {
  AuthFailure,
  AuthStep,
  Credentials,
  DialogueEnd,
  DialogueStep,
  FarewellReason,
  LoginDialogue,
  LoginMethod,
  LoginRefusal,
  ScramParameters,
  SessionFarewells,
} from '@homeward/sasl';
import { ByteQueue, recogniseWaitingClient, takeLine } from '@homeward/wire';
import type { Line } from '@homeward/wire';
import { formatProblem } from '../grammar/command-problem.ts';
import type { SmtpCommand, SmtpCommandOf } from '../grammar/command.ts';
import { parseCommand } from '../grammar/parse-command.ts';
import { formatChallenge, formatReply } from '../grammar/reply.ts';
import { formatFarewell, SESSION_FAREWELLS } from './farewells.ts';
import { LoginOffer } from './login-offer.ts';
import type { SmtpLoginOptions } from './options.ts';
import { formatRefusal } from './refusal-words.ts';

/** Makes the dialogue of one connection. It holds nothing that must be closed. */
export function createSmtpLoginDialogue(options: SmtpLoginOptions): LoginDialogue {
  return new SmtpLoginDialogue(options);
}

/** RFC 4954 §4. */
const FAILURES: Readonly<Record<AuthFailure, string>> = {
  cancelled: formatReply(501, '5.7.0', 'Cancelled'),
  'initial-response-not-base64': formatReply(501, '5.5.2', 'The initial response is not base64'),
  'response-not-base64': formatReply(501, '5.5.2', 'The response is not base64'),
  'response-not-fit': formatReply(501, '5.5.2', 'The response does not fit the mechanism'),
};

/** Commands before a login; mail programs send a handful. */
const COMMAND_LIMIT = 200;

type Mode =
  | { readonly kind: 'command' }
  | { readonly kind: 'exchange'; readonly exchange: AuthExchange }
  /** The server's proof was sent (RFC 5802 §3); an empty response shows that it is believed. */
  | { readonly kind: 'proving'; readonly exchange: AuthExchange }
  /** Somebody verifies a login, or looks up what its exchange needs. */
  | { readonly kind: 'verifying'; readonly exchange: AuthExchange }
  /** The mechanism said why in a challenge; the refusal follows the client's answer to it. */
  | { readonly kind: 'refusing'; readonly exchange: AuthExchange; readonly answer: string }
  | { readonly kind: 'starting-tls' }
  | { readonly kind: 'finished' };

const COMMAND_MODE: Mode = { kind: 'command' };

class SmtpLoginDialogue implements LoginDialogue {
  readonly #options: SmtpLoginOptions;
  readonly #queue = new ByteQueue();
  readonly #output = new StepQueue();
  #offer: LoginOffer;
  #mode: Mode = COMMAND_MODE;
  /** The first octets were looked at: no browser, no TLS handshake. */
  #isRecognised = false;
  /** From EHLO; without it nobody logs in (RFC 4954 §4). */
  #clientName: string | undefined;
  #badCommandCount = 0;
  #commandCount = 0;

  constructor(options: SmtpLoginOptions) {
    this.#options = options;
    this.#offer = new LoginOffer(options, options.isEncrypted);
  }

  greet(): readonly DialogueStep[] {
    const { serverName, banner } = this.#options;
    this.#output.say(formatReply(220, undefined, `${serverName} ESMTP ${banner}`));
    return this.#output.take();
  }

  receive(octets: Uint8Array): readonly DialogueStep[] {
    if (this.#mode.kind === 'finished' || this.#mode.kind === 'starting-tls') return [];
    this.#queue.push(octets);
    return this.#advance();
  }

  tlsStarted(): readonly DialogueStep[] {
    this.#queue.clear();
    this.#offer = new LoginOffer(this.#options, true);
    this.#isRecognised = false;
    // RFC 3207 §4.2: EHLO is to be said again.
    this.#clientName = undefined;
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
    this.#output.say(formatChallenge(formatServerFinal(serverSignature)));
    return this.#advance();
  }

  loginRefused(
    reason: LoginRefusal,
    detail: string | undefined,
    reference: string | undefined,
  ): readonly DialogueStep[] {
    if (this.#mode.kind === 'finished') return [];
    const exchange = this.#verifiedExchange();
    const answer = formatRefusal(reason, detail, reference);
    const challenge = reason === 'bad-credentials' ? exchange.refused() : undefined;
    if (challenge === undefined) {
      this.#refuse(answer);
    } else {
      this.#mode = { kind: 'refusing', exchange, answer };
      this.#output.say(formatChallenge(challenge));
    }
    return this.#advance();
  }

  loginAccepted(): { readonly octets: string; readonly early: Uint8Array } {
    this.#verifiedExchange();
    this.#mode = { kind: 'finished' };
    return { octets: formatReply(235, '2.7.0', 'Logged in'), early: this.#queue.takeAll() };
  }

  farewell(reason: FarewellReason, detail?: string): string {
    return formatFarewell(reason, detail);
  }

  sessionFarewells(): SessionFarewells {
    return SESSION_FAREWELLS;
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
        this.#close('line-too-long', formatReply(500, '5.5.6', 'The line is too long'));
        break;
      }
      this.#takeLine(line);
    }
    const isOverfull = this.#queue.length > this.#options.earlyBytes;
    if (this.#mode.kind === 'verifying' && isOverfull) {
      const text = 'Wait for the answer to AUTH';
      this.#close('too-many-early-octets', formatReply(421, '4.5.0', text));
    }
    return this.#output.take();
  }

  /** @returns The limit of the next line, or undefined if none is wanted now. */
  #lineLimitBytes(): number | undefined {
    switch (this.#mode.kind) {
      case 'command':
        return isAuthWaiting(this.#queue)
          ? this.#offer.authCommandBytes
          : this.#options.commandBytes;
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
    if (client === 'http') {
      this.#close(
        'http-client',
        formatReply(500, '5.5.1', 'This is a mail server, not a web site'),
      );
    }
    if (client === 'tls' && !this.#offer.isEncrypted) {
      const text = 'This port starts without TLS: say STARTTLS, or use the port for TLS';
      this.#close('tls-to-plain-port', formatReply(500, '5.5.1', text));
    }
    return this.#mode.kind === 'finished';
  }

  #takeLine(line: Line): void {
    switch (this.#mode.kind) {
      case 'exchange':
        this.#takeSaslStep(this.#mode.exchange, this.#mode.exchange.respond(line));
        return;
      case 'refusing':
        this.#refuse(this.#mode.answer);
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

  // ---- commands

  #takeCommand(line: Line): void {
    this.#commandCount += 1;
    if (this.#commandCount > COMMAND_LIMIT) {
      this.#close('too-many-errors', formatReply(421, '4.5.0', 'Too many commands before a login'));
      return;
    }
    const parsed = parseCommand(line);
    // RFC 3030 §2: octets follow even a BDAT that cannot be read.
    if (parsed.ok ? parsed.command.name === 'BDAT' : parsed.name === 'BDAT') this.#refuseChunk();
    else if (parsed.ok) this.#run(parsed.command);
    else this.#refuse(formatProblem(parsed));
  }

  #run(command: SmtpCommand): void {
    switch (command.name) {
      case 'EHLO':
        this.#clientName = command.clientName;
        this.#output.say(this.#offer.formatExtensions());
        return;
      case 'HELO':
        // No extensions, so no AUTH: that client cannot log in.
        this.#clientName = undefined;
        this.#output.say(formatReply(250, undefined, this.#options.serverName));
        return;
      case 'STARTTLS':
        this.#startTls();
        return;
      case 'AUTH':
        this.#startExchange(command);
        return;
      case 'RSET':
      case 'NOOP':
        this.#output.say(formatReply(250, '2.0.0', 'OK'));
        return;
      case 'HELP':
        this.#output.say(formatReply(214, '2.0.0', 'EHLO, STARTTLS, AUTH, then send mail'));
        return;
      case 'QUIT':
        this.#close('logged-out', formatReply(221, '2.0.0', 'Goodbye'));
        return;
      case 'MAIL':
      case 'RCPT':
      case 'DATA':
      case 'VRFY':
      case 'EXPN':
        this.#refuseStranger();
        return;
      case 'LHLO':
        this.#refuse(formatReply(500, '5.5.1', 'This is SMTP, not LMTP: say EHLO'));
        return;
      case 'BDAT':
        this.#refuseChunk();
    }
  }

  /** RFC 4954 §6, RFC 3207 §4. */
  #refuseStranger(): void {
    if (this.#offer.needsTls) {
      this.#refuse(formatReply(530, '5.7.0', 'Say STARTTLS and log in first'));
    } else {
      this.#refuse(formatReply(530, '5.7.0', 'Log in first'));
    }
  }

  #refuseChunk(): void {
    this.#close('too-many-errors', formatReply(530, '5.7.0', 'Log in before you send a message'));
  }

  #startTls(): void {
    if (this.#offer.isEncrypted) {
      this.#refuse(formatReply(503, '5.5.1', 'TLS is active already'));
    } else if (this.#options.offersStartTls) {
      // RFC 3207 §5, and no octet that somebody slipped in front of the handshake.
      this.#queue.clear();
      this.#output.say(formatReply(220, '2.0.0', 'Begin TLS now'));
      this.#mode = { kind: 'starting-tls' };
      this.#output.add({ kind: 'start-tls' });
    } else {
      this.#refuse(formatReply(454, '4.7.0', 'TLS is not available'));
    }
  }

  // ---- AUTH

  #startExchange(command: SmtpCommandOf<'AUTH'>): void {
    if (this.#clientName === undefined) {
      this.#refuse(formatReply(503, '5.5.1', 'Say EHLO first'));
      return;
    }
    const mechanism = this.#offer.find(command.mechanism);
    if (mechanism === 'unknown') {
      this.#refuse(formatReply(504, '5.5.4', 'Unknown mechanism'));
    } else if (mechanism === 'needs-tls') {
      this.#refuse(formatRefusal('privacy-required'));
    } else {
      const exchange = new AuthExchange(mechanism, this.#offer.surroundings);
      this.#takeSaslStep(exchange, exchange.start(command.initialResponse));
    }
  }

  #takeBelief(exchange: AuthExchange, line: Line): void {
    if (line.octets.length === 0) {
      this.#mode = { kind: 'verifying', exchange };
      this.#output.add({ kind: 'server-believed' });
      return;
    }
    // Whoever sits between the two of us: nothing more is said over this connection.
    this.#close('server-not-believed', FAILURES.cancelled);
  }

  #verifiedExchange(): AuthExchange {
    if (this.#mode.kind !== 'verifying') throw new Error('no login is being verified');
    return this.#mode.exchange;
  }

  #takeSaslStep(exchange: AuthExchange, step: AuthStep): void {
    switch (step.kind) {
      case 'challenge':
        this.#mode = { kind: 'exchange', exchange };
        this.#output.say(formatChallenge(step.octets));
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
        this.#refuse(FAILURES[step.reason]);
    }
  }

  #verify(method: LoginMethod, credentials: Credentials, exchange: AuthExchange): void {
    this.#mode = { kind: 'verifying', exchange };
    const choices = { language: 'en', isUtf8: false, clientName: this.#clientName };
    this.#output.add({ kind: 'authenticate', method, credentials, choices });
  }

  // ---- answers

  /** Answers with an error, goes back to commands, and counts. */
  #refuse(answer: string): void {
    this.#mode = COMMAND_MODE;
    this.#output.say(answer);
    this.#badCommandCount += 1;
    if (this.#badCommandCount >= this.#options.badCommandLimit) {
      this.#close('too-many-errors', formatReply(421, '4.7.0', 'Too many errors'));
    }
  }

  /** @param last A whole reply. */
  #close(reason: DialogueEnd, last: string): void {
    this.#output.say(last);
    this.#mode = { kind: 'finished' };
    this.#queue.clear();
    this.#output.add({ kind: 'close', reason });
  }
}
