/**
 * POP3's AUTHORIZATION state (RFC 1939 §4), with CAPA (RFC 2449 §5), STLS (RFC 2595 §4), AUTH
 * (RFC 5034 §4), UTF8 and LANG (RFC 6856 §2, §3): octets in, steps out. Nothing waits here and
 * nothing is verified here.
 *
 * Deviation: a name or password with what SASLprep prohibits (RFC 6856 §2.2, RFC 4013 §2.3) is
 * not refused here; whoever verifies it compares it as it was typed.
 *
 * Invariants:
 * - one line at a time is looked at, and no further line while a login is being verified;
 * - nothing that came before TLS is seen after it, neither a name nor an octet;
 * - whatever is refused costs one of `badCommandLimit`, so that no client can try for ever;
 * - what is not refused is counted, too, so that what a stranger makes us say is bounded.
 */
import { isUtf8 } from 'node:buffer';
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
import type { Pop3Command, Pop3CommandOf } from '../grammar/command.ts';
import { parseCommand } from '../grammar/parse-command.ts';
import { formatChallenge, formatErr, formatLines, formatOk } from '../grammar/response.ts';
import { answerLang } from '../grammar/texts/answer-lang.ts';
import { DEFAULT_LANGUAGE } from '../grammar/texts/language.ts';
import type { Texts } from '../grammar/texts/texts.ts';
import { formatFarewell, sessionFarewells } from './farewells.ts';
import { LoginOffer } from './login-offer.ts';
import type { Pop3LoginOptions } from './options.ts';
import { formatRefusal } from './refusal-words.ts';

/** Makes the dialogue of one connection. It holds nothing that must be closed. */
export function createPop3LoginDialogue(options: Pop3LoginOptions): LoginDialogue {
  return new Pop3LoginDialogue(options);
}

const FAILURES = {
  cancelled: 'cancelled',
  'initial-response-not-base64': 'initialResponseNotBase64',
  'response-not-base64': 'responseNotBase64',
  'response-not-fit': 'responseNotFit',
} as const satisfies Readonly<Record<AuthFailure, keyof Texts>>;

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
   * Somebody verifies a login, or looks up what its exchange needs. `exchange` is undefined for
   * USER and PASS.
   */
  | { readonly kind: 'verifying'; readonly exchange: AuthExchange | undefined }
  /** The mechanism said why in a challenge; the refusal follows the client's answer to it. */
  | { readonly kind: 'refusing'; readonly exchange: AuthExchange; readonly answer: string }
  | { readonly kind: 'starting-tls' }
  | { readonly kind: 'finished' };

const COMMAND_MODE: Mode = { kind: 'command' };

class Pop3LoginDialogue implements LoginDialogue {
  readonly #options: Pop3LoginOptions;
  readonly #queue = new ByteQueue();
  readonly #output = new StepQueue();
  #offer: LoginOffer;
  #mode: Mode = COMMAND_MODE;
  /** The first octets were looked at: no browser, no TLS handshake. */
  #isRecognised = false;
  /** From USER, for PASS. */
  #loginName: string | undefined;
  #language = DEFAULT_LANGUAGE;
  /** UTF8 was said. */
  #isUtf8 = false;
  #badCommandCount = 0;
  #commandCount = 0;

  constructor(options: Pop3LoginOptions) {
    this.#options = options;
    this.#offer = new LoginOffer(options, options.isEncrypted);
  }

  greet(): readonly DialogueStep[] {
    // Without <…> in it, so that nobody tries APOP (RFC 1939 §7).
    this.#output.say(formatOk(this.#options.banner.replaceAll(/[<>]/gu, '')));
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
    this.#loginName = undefined;
    this.#language = DEFAULT_LANGUAGE;
    this.#isUtf8 = false;
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
    // Closed meanwhile, for too many early octets.
    if (this.#mode.kind === 'finished') return [];
    if (this.#mode.kind !== 'verifying') throw new Error('no login is being verified');
    const { exchange } = this.#mode;
    const answer = formatRefusal(reason, this.#texts, detail, reference);
    const challenge = reason === 'bad-credentials' ? exchange?.refused() : undefined;
    if (exchange === undefined || challenge === undefined) {
      this.#refuse(answer);
    } else {
      this.#mode = { kind: 'refusing', exchange, answer };
      this.#output.say(formatChallenge(challenge));
    }
    return this.#advance();
  }

  loginAccepted(): { readonly octets: string; readonly early: Uint8Array } {
    if (this.#mode.kind !== 'verifying') throw new Error('no login is being verified');
    this.#mode = { kind: 'finished' };
    return { octets: formatOk(this.#texts.loggedIn), early: this.#queue.takeAll() };
  }

  farewell(reason: FarewellReason, detail?: string): string {
    return formatFarewell(reason, this.#texts, detail);
  }

  sessionFarewells(): SessionFarewells {
    return sessionFarewells(this.#language);
  }

  get #texts(): Texts {
    return this.#language.texts;
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
        this.#close('line-too-long', this.#texts.lineTooLong);
        break;
      }
      this.#takeLine(line);
    }
    const isOverfull = this.#queue.length > this.#options.earlyBytes;
    if (this.#mode.kind === 'verifying' && isOverfull) {
      this.#close('too-many-early-octets', this.#texts.waitForAnswer);
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
    if (client === 'http') this.#close('http-client', this.#texts.webClient);
    if (client === 'tls' && !this.#offer.isEncrypted) {
      this.#close('tls-to-plain-port', this.#texts.tlsToPlainPort);
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
      this.#close('too-many-errors', this.#texts.tooManyCommands);
      return;
    }
    const parsed = parseCommand(line, 'authorization', this.#texts);
    if (!parsed.ok) this.#refuse(formatErr(undefined, parsed.text));
    else this.#run(parsed.command);
  }

  #run(command: Pop3Command): void {
    switch (command.name) {
      case 'CAPA':
        this.#output.say(
          formatLines(this.#texts.capabilitiesFollow, this.#offer.listCapabilities()),
        );
        return;
      case 'STLS':
        this.#startTls();
        return;
      case 'USER':
        this.#takeName(command.loginName);
        return;
      case 'PASS':
        this.#takePassword(command.password);
        return;
      case 'AUTH':
        this.#startExchange(command);
        return;
      case 'UTF8':
        this.#isUtf8 = true;
        this.#output.say(formatOk(this.#texts.utf8IsOn));
        return;
      case 'LANG':
        this.#changeLanguage(command.range);
        return;
      case 'QUIT':
        this.#output.say(formatOk(this.#texts.goodbye));
        this.#close('logged-out', undefined);
        return;
      case 'STAT':
      case 'LIST':
      case 'UIDL':
      case 'RETR':
      case 'TOP':
      case 'DELE':
      case 'NOOP':
      case 'RSET':
        throw new Error(`the table lets ${command.name} stand before login`);
    }
  }

  #changeLanguage(range: string | undefined): void {
    const answer = answerLang(range, this.#language, this.#options.preferredLanguage);
    this.#language = answer.language;
    if (answer.isOk) this.#output.say(answer.octets);
    else this.#refuse(answer.octets);
  }

  #startTls(): void {
    if (this.#offer.isEncrypted) {
      this.#refuse(formatErr(undefined, this.#texts.tlsIsActive));
    } else if (this.#isUtf8) {
      // RFC 6856 §2.1: a client must not do this. Who did would not know which mode holds then.
      this.#refuse(formatErr(undefined, this.#texts.stlsBehindUtf8));
    } else if (this.#options.offersStls) {
      // RFC 2595 §4, and no octet that somebody slipped in front of the handshake.
      this.#queue.clear();
      this.#output.say(formatOk(this.#texts.tlsBegins));
      this.#mode = { kind: 'starting-tls' };
      this.#output.add({ kind: 'start-tls' });
    } else {
      this.#refuse(formatErr('SYS/PERM', this.#texts.tlsIsUnavailable));
    }
  }

  /** Says the same for any name (RFC 1939 §13 warns of the contrary). */
  #takeName(loginName: string): void {
    if (!this.#options.offersUser) {
      this.#refuse(formatErr(undefined, this.#texts.userNotOffered));
    } else if (this.#offer.allowsSecrets) {
      this.#loginName = loginName;
      this.#output.say(formatOk(this.#texts.sendPass));
    } else {
      this.#refuse(formatRefusal('privacy-required', this.#texts));
    }
  }

  #takePassword(password: Uint8Array): void {
    const loginName = this.#loginName;
    this.#loginName = undefined;
    if (loginName === undefined) {
      this.#refuse(formatErr(undefined, this.#texts.sendUserFirst));
      return;
    }
    if (!isUtf8(password)) {
      // RFC 6856 §2.2, in the words for a wrong one: a person should be asked again.
      this.#refuse(formatRefusal('bad-credentials', this.#texts));
      return;
    }
    const credentials = { kind: 'password', loginName, actAs: undefined, password } as const;
    this.#verify('USER', credentials, undefined);
  }

  // ---- AUTH

  #startExchange(command: Pop3CommandOf<'AUTH'>): void {
    if (command.mechanism === undefined) {
      // Never specified, but asked by clients that know no CAPA.
      const names = this.#offer.mechanisms.map(({ name }) => name);
      this.#output.say(formatLines(this.#texts.mechanismsFollow, names));
      return;
    }
    const mechanism = this.#offer.find(command.mechanism);
    if (mechanism === 'unknown') {
      this.#refuse(formatErr(undefined, this.#texts.unknownMechanism));
    } else if (mechanism === 'needs-tls') {
      this.#refuse(formatRefusal('privacy-required', this.#texts));
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
    this.#close('server-not-believed', this.#texts.cancelled);
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
        this.#refuse(formatErr(undefined, this.#texts[FAILURES[step.reason]]));
    }
  }

  #verify(method: LoginMethod, credentials: Credentials, exchange: AuthExchange | undefined): void {
    this.#mode = { kind: 'verifying', exchange };
    const choices = { language: this.#language.tag, isUtf8: this.#isUtf8 };
    this.#output.add({ kind: 'authenticate', method, credentials, choices });
  }

  // ---- answers

  /** Answers -ERR, goes back to commands, and counts. */
  #refuse(answer: string): void {
    this.#mode = COMMAND_MODE;
    this.#output.say(answer);
    this.#badCommandCount += 1;
    if (this.#badCommandCount >= this.#options.badCommandLimit) {
      this.#close('too-many-errors', undefined);
    }
  }

  #close(reason: DialogueEnd, farewell: string | undefined): void {
    if (farewell !== undefined) this.#output.say(formatErr(undefined, farewell));
    this.#mode = { kind: 'finished' };
    this.#queue.clear();
    this.#output.add({ kind: 'close', reason });
  }
}
