/**
 * IMAP before login (RFC 3501 §3.1, §6.1, §6.2): greeting, CAPABILITY, NOOP, ID, STARTTLS,
 * LOGIN, AUTHENTICATE, LOGOUT. Octets in, steps out; used by the front end, and by a back end
 * that lets clients log in directly.
 *
 * Invariants:
 * - After STARTTLS nothing is left of what came before it: neither octets nor state nor a
 *   count of errors that a man in the middle could have made (RFC 3501 §6.2.1).
 * - While a login is verified nothing is read; what comes waits, in order and within
 *   `earlyBytes`, for the home or for the next command.
 * - No text holds anything that the client sent but its tag.
 * - What is not refused is counted, too, so that what a stranger makes us say is bounded.
 */
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
  ScramParameters,
  SessionFarewells,
} from '@homeward/sasl';
import { formatServerFinal, lineWithReference, withReference } from '@homeward/sasl';
import { encodeBase64, recogniseForeignClient } from '@homeward/wire';
import type { Command, CommandOf } from '../grammar/command.ts';
import type { CommandEvent, CommandReader } from '../grammar/command-reader.ts';
import { createCommandReader } from '../grammar/create-command-reader.ts';
import { formatIdFields } from '../grammar/responses/id-response.ts';
import type { ResponseCode } from '../grammar/responses/response-code.ts';
import { formatContinuation, formatStatus } from '../grammar/responses/status-response.ts';
import { DialogueOutput } from './dialogue-output.ts';
import { formatFarewell, SESSION_FAREWELLS } from './farewells.ts';
import { HeldOctets } from './held-octets.ts';
import { credentialsOf } from './login-command.ts';
import { LoginOffer } from './login-offer.ts';
import type { ImapLoginOptions } from './options.ts';
import type { DialogueMode } from './dialogue-mode.ts';
import { describeRefusal } from './refusal-words.ts';
import { type ExchangeStep, SaslExchange } from './sasl-exchange.ts';

/** Makes the dialogue of one connection. It holds nothing that must be closed. */
export function createImapLoginDialogue(options: ImapLoginOptions): LoginDialogue {
  return new ImapLoginDialogue(options);
}

const COMMAND_MODE: DialogueMode = { kind: 'command' };
const LOG_IN_FIRST = 'Log in first';
/**
 * Commands before a login. Mail programs send a handful; of the shortest one thousands fit into
 * one piece of input, and all their answers would be made before the first is sent.
 */
const COMMAND_LIMIT = 200;

class ImapLoginDialogue implements LoginDialogue {
  readonly #options: ImapLoginOptions;
  #reader: CommandReader;
  #mode: DialogueMode = { kind: 'opening' };
  #offer: LoginOffer;
  #badCommandCount = 0;
  #declined: DeclinedLogins = { count: 0, lastReason: undefined };
  #commandCount = 0;
  /** Octets that wait: for the end of `opening` or of `verifying`. */
  readonly #held = new HeldOctets();
  readonly #output = new DialogueOutput();

  #reference: string | undefined;
  /** Told by ID, by a proxy in front; believed of everybody, since it can only make less of it. */
  #hopsLeft: number | undefined;

  constructor(options: ImapLoginOptions) {
    this.#options = options;
    this.#offer = new LoginOffer(options, options.isEncrypted);
    this.#reader = this.#createReader();
  }

  greet(reference: string | undefined): readonly DialogueStep[] {
    this.#reference = reference;
    const text = withReference(this.#options.banner, reference);
    this.#output.status('*', 'OK', this.#offer.capabilityCode, text);
    return this.#output.take();
  }

  receive(octets: Uint8Array): readonly DialogueStep[] {
    switch (this.#mode.kind) {
      case 'opening':
        // A dozen octets decide, so nothing gathers here.
        this.#held.push(octets);
        this.#look();
        break;
      case 'verifying':
        this.#holdEarly(octets);
        break;
      case 'starting-tls':
      case 'finished':
        // Plain text behind STARTTLS is nobody's; behind the end nobody listens.
        break;
      default:
        this.#reader.push(octets);
        this.#run();
    }
    return this.#output.take();
  }

  get declined(): DeclinedLogins {
    return this.#declined;
  }

  tlsStarted(): readonly DialogueStep[] {
    this.#offer = new LoginOffer(this.#options, true);
    this.#reader = this.#createReader();
    this.#mode = { kind: 'opening' };
    this.#held.clear();
    this.#badCommandCount = 0;
    this.#commandCount = 0;
    return [];
  }

  scramParametersFound(parameters: ScramParameters): readonly DialogueStep[] {
    const exchange = this.#verifiedExchange();
    this.#advance(exchange, exchange.proceed(parameters));
    return this.#goOn();
  }

  proveServer(serverSignature: Uint8Array): readonly DialogueStep[] {
    this.#mode = { kind: 'proving', exchange: this.#verifiedExchange() };
    this.#challenge(formatServerFinal(serverSignature));
    return this.#goOn();
  }

  loginRefused(
    reason: LoginRefusal,
    detail: string | undefined,
    reference: string | undefined,
  ): readonly DialogueStep[] {
    if (this.#mode.kind !== 'verifying') throw new Error('no login is being verified');
    const { tag, exchange } = this.#mode;
    const { code, text } = describeRefusal(reason, detail, reference);
    const answer = formatStatus(tag, 'NO', { code }, text);
    const isLast = this.#badCommandCount + 1 >= this.#options.badCommandLimit;
    const isExplained = reason === 'bad-credentials' && !isLast;
    const challenge = isExplained ? exchange?.refused() : undefined;
    if (exchange !== undefined && challenge !== undefined) {
      this.#mode = { kind: 'sasl-refused', exchange, answer };
      this.#challenge(challenge);
    } else {
      this.#mode = COMMAND_MODE;
      this.#output.say(answer);
    }
    if (reason === 'bad-credentials') this.#countBad();
    return this.#goOn();
  }

  loginAccepted(capabilities: string | undefined): {
    readonly octets: string;
    readonly early: Uint8Array;
  } {
    if (this.#mode.kind !== 'verifying') throw new Error('no login is being verified');
    const code: ResponseCode | undefined =
      capabilities === undefined ? undefined : { code: 'CAPABILITY', capabilities };
    const octets = formatStatus(this.#mode.tag, 'OK', code, 'Logged in');
    this.#mode = { kind: 'finished' };
    return { octets, early: Buffer.concat([this.#reader.takeRest(), ...this.#held.take()]) };
  }

  farewell(reason: FarewellReason, detail?: string): string {
    return lineWithReference(formatFarewell(reason, detail), this.#reference);
  }

  sessionFarewells(): SessionFarewells {
    return SESSION_FAREWELLS;
  }

  // ---- what came

  /** Looks at the first octets: a browser or a TLS handshake gets no row of errors. */
  #look(): void {
    switch (recogniseForeignClient(this.#held.peek())) {
      case 'need-more':
        return;
      case 'http':
        return this.#close('http-client', 'This is an IMAP server');
      case 'tls':
        // To a client that waits for a handshake there is nothing to say.
        return this.#close('tls-to-plain-port', undefined);
      case 'none':
        this.#mode = COMMAND_MODE;
        for (const octets of this.#held.take()) this.#reader.push(octets);
        this.#run();
    }
  }

  /** Goes on with what came while somebody else had the word. */
  #goOn(): readonly DialogueStep[] {
    for (const octets of this.#held.take()) this.#reader.push(octets);
    this.#run();
    return this.#output.take();
  }

  #verifiedExchange(): SaslExchange {
    const exchange = this.#mode.kind === 'verifying' ? this.#mode.exchange : undefined;
    if (exchange === undefined) throw new Error('no exchange is being verified');
    return exchange;
  }

  #holdEarly(octets: Uint8Array): void {
    this.#held.push(octets);
    if (this.#held.byteCount > this.#options.earlyBytes) {
      this.#close('too-many-early-octets', 'Wait for the answer to your login');
    }
  }

  /** Reads until nothing is left or somebody else has to act. */
  #run(): void {
    let goesOn = true;
    while (goesOn) {
      if (this.#mode.kind === 'command') goesOn = this.#runEvent(this.#reader.next());
      else if (this.#mode.kind === 'sasl') goesOn = this.#readResponse(this.#mode.exchange);
      else if (this.#mode.kind === 'sasl-refused') goesOn = this.#readLastResponse(this.#mode);
      else if (this.#mode.kind === 'proving') goesOn = this.#readBelief(this.#mode.exchange);
      else return;
    }
  }

  /** @returns Whether there may be more. */
  #runEvent(event: CommandEvent): boolean {
    switch (event.kind) {
      case 'need-more':
        return false;
      case 'continuation':
        this.#output.say(formatContinuation('Go on'));
        return true;
      case 'command':
        this.#runCommand(event.tag, event.command);
        return true;
      case 'append-literal':
        this.#reader.refuseMessage();
        this.#bad(event.tag, LOG_IN_FIRST);
        return true;
      case 'append-end':
        this.#bad(event.tag, LOG_IN_FIRST);
        return true;
      case 'error':
        this.#runError(event);
        return true;
      // No message was accepted.
      case 'message-octets':
        throw new Error(`${event.kind} before login`);
    }
  }

  #runError(event: Extract<CommandEvent, { readonly kind: 'error' }>): void {
    const { problem, isFatal } = event;
    const text = problem === 'message-too-big' ? LOG_IN_FIRST : event.text;
    if (problem !== 'line-too-long' && !isFatal) return this.#bad(event.tag ?? '*', text);
    this.#output.status(event.tag ?? '*', 'BAD', undefined, text);
    const isTooLong = problem === 'line-too-long' || problem === 'literal-too-big';
    this.#close(isTooLong ? problem : 'too-many-errors', 'Closing, since nothing can follow that');
  }

  // ---- commands

  #runCommand(tag: string, command: Command): void {
    this.#commandCount += 1;
    if (this.#commandCount > COMMAND_LIMIT) {
      return this.#close('too-many-errors', 'Too many commands before a login');
    }
    switch (command.name) {
      case 'capability':
        this.#output.say(`* CAPABILITY ${this.#offer.capabilities}\r\n`);
        return this.#output.status(tag, 'OK', undefined, 'Capability completed');
      case 'noop':
        return this.#output.status(tag, 'OK', undefined, 'Nothing done');
      case 'id':
        this.#hopsLeft = lowestHops(this.#hopsLeft, command.fields);
        this.#output.say(`* ID ${formatIdFields(this.#options.serverId)}\r\n`);
        return this.#output.status(tag, 'OK', undefined, 'ID completed');
      case 'logout':
        this.#output.status('*', 'BYE', undefined, 'Goodbye');
        this.#output.status(tag, 'OK', undefined, 'Logged out');
        return this.#close('logged-out', undefined);
      case 'starttls':
        return this.#startTls(tag);
      case 'login':
        return this.#login(tag, command);
      case 'authenticate':
        return this.#authenticate(tag, command);
      default:
        return this.#bad(tag, LOG_IN_FIRST);
    }
  }

  #startTls(tag: string): void {
    if (this.#offer.isEncrypted) return this.#bad(tag, 'TLS is up already');
    if (!this.#options.offersStartTls) return this.#bad(tag, 'TLS is not to be had here');
    this.#output.status(tag, 'OK', undefined, 'Begin TLS now');
    this.#mode = { kind: 'starting-tls' };
    this.#output.add({ kind: 'start-tls' });
  }

  #login(tag: string, command: CommandOf<'login'>): void {
    if (this.#offer.login === 'needs-tls')
      return this.#refuse(tag, 'privacy-required', 'privacy-required');
    if (this.#offer.login === 'no') return this.#notOffered(tag, 'LOGIN is not offered');
    const credentials = credentialsOf(command);
    if (credentials === undefined) {
      return this.#refuse(tag, 'bad-credentials', 'unusable-credentials');
    }
    this.#verify(tag, 'LOGIN', credentials, undefined);
  }

  #authenticate(tag: string, command: CommandOf<'authenticate'>): void {
    const mechanism = this.#offer.findMechanism(command.mechanism);
    if (mechanism === 'needs-tls') return this.#refuse(tag, 'privacy-required', 'privacy-required');
    if (mechanism === 'not-offered') return this.#notOffered(tag, 'This mechanism is not offered');
    const exchange = new SaslExchange(tag, mechanism, this.#offer.surroundings);
    this.#advance(exchange, exchange.start(command.initialResponse));
  }

  #notOffered(tag: string, text: string): void {
    this.#noteDeclined('mechanism-not-offered');
    this.#output.status(tag, 'NO', undefined, withReference(text, this.#reference));
    this.#countBad();
  }

  /** Refuses a login before anybody has looked at it. */
  #refuse(tag: string, reason: LoginRefusal, declined: DeclineReason): void {
    this.#noteDeclined(declined);
    const { code, text } = describeRefusal(reason, undefined, this.#reference);
    this.#output.status(tag, 'NO', { code }, text);
    this.#countBad();
  }

  #noteDeclined(lastReason: DeclineReason): void {
    this.#declined = { count: this.#declined.count + 1, lastReason };
  }

  // ---- SASL

  #readResponse(exchange: SaslExchange): boolean {
    const step = exchange.next(this.#reader);
    if (step === undefined) return false;
    this.#advance(exchange, step);
    return true;
  }

  #readLastResponse(mode: Extract<DialogueMode, { readonly kind: 'sasl-refused' }>): boolean {
    const line = mode.exchange.readLine(this.#reader);
    if (line === undefined) return false;
    if (line === 'too-long') {
      this.#advance(mode.exchange, { kind: 'too-long' });
      return false;
    }
    this.#mode = COMMAND_MODE;
    this.#output.say(mode.answer);
    return true;
  }

  /** @returns Whether there may be more to read: not before the owner has acted. */
  #readBelief(exchange: SaslExchange): boolean {
    const line = exchange.readLine(this.#reader);
    if (line === undefined) return false;
    if (line !== 'too-long' && line.length === 0) {
      this.#mode = { kind: 'verifying', tag: exchange.tag, exchange };
      this.#output.add({ kind: 'server-believed' });
      return false;
    }
    // Whoever sits between the two of us: nothing more is said over this connection.
    this.#output.status(exchange.tag, 'BAD', undefined, 'Authentication was cancelled');
    this.#close('server-not-believed', 'Closing, since you do not believe us');
    return false;
  }

  #challenge(octets: Uint8Array): void {
    this.#output.say(`+ ${encodeBase64(octets)}\r\n`);
  }

  #advance(exchange: SaslExchange, step: ExchangeStep): void {
    switch (step.kind) {
      case 'challenge':
        this.#mode = { kind: 'sasl', exchange };
        return this.#challenge(step.octets);
      case 'parameters-wanted': {
        const { loginName, actAs } = step;
        this.#mode = { kind: 'verifying', tag: exchange.tag, exchange };
        return this.#output.add({ kind: 'find-scram-parameters', loginName, actAs });
      }
      case 'credentials':
        return this.#verify(exchange.tag, exchange.method, step.credentials, exchange);
      case 'failed':
        this.#mode = COMMAND_MODE;
        return this.#bad(exchange.tag, step.text);
      case 'unfit':
        this.#mode = COMMAND_MODE;
        this.#noteDeclined('unusable-credentials');
        return this.#bad(exchange.tag, withReference(step.text, this.#reference));
      case 'too-long':
        this.#output.status(exchange.tag, 'BAD', undefined, 'The response is too long');
        return this.#close('line-too-long', 'Closing, since nothing can follow that');
    }
  }

  #verify(
    tag: string,
    method: LoginMethod,
    credentials: Credentials,
    exchange: SaslExchange | undefined,
  ): void {
    this.#mode = { kind: 'verifying', tag, exchange };
    const hopsLeft = this.#hopsLeft;
    const told = hopsLeft === undefined ? {} : { hopsLeft };
    this.#output.add({ kind: 'authenticate', method, credentials, ...told });
  }

  // ---- answers

  #bad(tag: string, text: string): void {
    this.#output.status(tag, 'BAD', undefined, text);
    this.#countBad();
  }

  #countBad(): void {
    this.#badCommandCount += 1;
    if (this.#badCommandCount >= this.#options.badCommandLimit) {
      this.#close('too-many-errors', 'Too many errors');
    }
  }

  #close(reason: DialogueEnd, farewell: string | undefined): void {
    if (farewell !== undefined) {
      this.#output.status('*', 'BYE', undefined, withReference(farewell, this.#reference));
    }
    this.#mode = { kind: 'finished' };
    this.#held.clear();
    this.#output.add({ kind: 'close', reason });
  }

  #createReader(): CommandReader {
    const { commandBytes } = this.#options;
    // Messages are refused by state; the bound says only how much of one is skipped.
    return createCommandReader({ commandBytes, messageBytes: commandBytes });
  }
}

/** `x-proxy-ttl`, Dovecot's field: how often the connection may still be passed on. */
function lowestHops(
  known: number | undefined,
  fields: ReadonlyMap<string, string | undefined>,
): number | undefined {
  const said = /^\d{1,3}$/.exec(fields.get('x-proxy-ttl') ?? '')?.[0];
  if (said === undefined) return known;
  return Math.min(known ?? Number(said), Number(said));
}
