/**
 * The client half by which a front end logs in at a POP3 server that is not ours: STLS or nothing
 * (RFC 2595 §4), CAPA (RFC 2449 §5), XCLIENT where it is offered (Dovecot: says who the client
 * is), what the client chose (RFC 6856), then AUTH (RFC 5034) or USER and PASS (RFC 1939 §7).
 *
 * The server is trusted with mail, not with our memory: lines and their number are bounded, and
 * what is not POP3 ends the dialogue.
 */
import {
  type ClientFacts,
  createOauthBearerClient,
  createPlainClient,
  type ForeignDialogue,
  type ForeignLoginRequest,
  type ForeignSecret,
  type ForeignStep,
  type RefusalSubject,
  type SessionChoices,
} from '@homeward/sasl';
import {
  ByteQueue,
  encodeBase64,
  encodeBase64Octets,
  takeLine,
  viewAsBuffer,
} from '@homeward/wire';
import { parseServerLine, type ServerLine } from '../grammar/response.ts';
import { DEFAULT_LANGUAGE } from '../grammar/texts/language.ts';

/** What the owner decides. */
export interface ForeignPop3Options {
  /** Upgrade before anything else; the dialogue ends where that is not to be had. */
  readonly startsTls: boolean;
}

/** Makes the dialogue of one connection. It holds nothing that must be closed. */
export function createForeignPop3(options: ForeignPop3Options): ForeignDialogue {
  return new ForeignPop3(options);
}

const LINE_BYTES = 4096;
/** Lines of CAPA. */
const LIST_LINES = 200;
const LOGGED_TEXT_CHARACTERS = 200;
const CRLF = Buffer.from('\r\n');

type State =
  | { readonly kind: 'greeting' | 'stls' | 'tls' | 'capa' | 'capa-list' | 'ready' | 'done' }
  /** Waits for the "+" or "+OK" behind which the secret goes. */
  | { readonly kind: 'invited'; readonly secret: Buffer; readonly by: 'AUTH' | 'USER' }
  | { readonly kind: 'answer'; readonly by: 'AUTH' | 'PASS' }
  /** The server gave its reasons in a challenge; its refusal must follow. */
  | { readonly kind: 'refusal' };

class ForeignPop3 implements ForeignDialogue {
  readonly #startsTls: boolean;
  readonly #queue = new ByteQueue();
  #state: State = { kind: 'greeting' };
  /** In capitals, with their arguments. */
  #offers: string[] = [];
  #greetingOffersXclient = false;
  /** Answers that come before that to the login. */
  #foreAnswers = 0;

  constructor({ startsTls }: ForeignPop3Options) {
    this.#startsTls = startsTls;
  }

  receive(octets: Uint8Array): readonly ForeignStep[] {
    if (this.#is('done') || this.#is('tls')) return [];
    this.#queue.push(octets);
    const steps: ForeignStep[] = [];
    while (!this.#is('done') && !this.#is('tls')) {
      const line = takeLine(this.#queue, LINE_BYTES);
      if (line === 'need-more') break;
      if (line === 'too-long') steps.push(...this.#broken('a line is too long'));
      else if (line.end === 'lf') steps.push(...this.#broken('a line ends with a bare LF'));
      else steps.push(...this.#take(line.octets.toString('latin1')));
    }
    return steps;
  }

  tlsStarted(): readonly ForeignStep[] {
    if (!this.#is('tls')) throw new Error('tlsStarted() without start-tls');
    this.#queue.takeAll();
    return this.#askCapa();
  }

  login({ secret, client, choices }: ForeignLoginRequest): readonly ForeignStep[] {
    if (!this.#is('ready')) throw new Error('login() before ready, or twice');
    const spoken = speakLogin(secret, (what) => this.#doesOffer(what));
    if ('why' in spoken) return this.#refused('mechanism', undefined, spoken.why);
    const before = [
      ...(client !== undefined && this.#offersXclient() ? [formatXclient(client)] : []),
      ...(choices === undefined ? [] : this.#formatChoices(choices)),
    ];
    this.#foreAnswers = before.length;
    this.#state = { kind: 'invited', secret: spoken.secret, by: spoken.by };
    return [send(before.join('') + spoken.first)];
  }

  end(): void {
    if (this.#state.kind === 'invited') this.#state.secret.fill(0);
    this.#state = { kind: 'done' };
  }

  /** A method, so that the state is not taken for what it was before the last line. */
  #is(kind: State['kind']): boolean {
    return this.#state.kind === kind;
  }

  #take(text: string): readonly ForeignStep[] {
    if (this.#is('capa-list')) return this.#takeOffer(text);
    const line = parseServerLine(text);
    if (line === undefined) return this.#broken('a line is no POP3');
    const state = this.#state;
    if (this.#foreAnswers > 0 && state.kind === 'invited') {
      if (line.kind === 'challenge') return this.#broken('a challenge before AUTH was answered');
      // The session is worth more than what the server did not like of it.
      this.#foreAnswers -= 1;
      return [];
    }
    switch (state.kind) {
      case 'greeting':
        return this.#takeGreeting(line);
      case 'stls':
        return this.#takeStls(line);
      case 'capa':
        return this.#takeCapa(line);
      case 'invited':
        return this.#takeInvitation(state.secret, state.by, line);
      case 'answer':
        return this.#takeAnswer(state.by, line);
      case 'refusal':
        if (line.kind !== 'err') return this.#broken('no refusal after its reasons');
        return this.#takeRefusal(line);
      default:
        return this.#broken(`an unexpected line: ${logged(text)}`);
    }
  }

  #takeGreeting(line: ServerLine): readonly ForeignStep[] {
    if (line.kind === 'err') return this.#broken(`goodbye: ${logged(line.text)}`);
    if (line.kind !== 'ok') return this.#broken('no greeting');
    this.#greetingOffersXclient = /^\[XCLIENT\]/i.test(line.text);
    if (!this.#startsTls) return this.#askCapa();
    // Not asked for by CAPA, whose answer a man in the middle may have cut.
    this.#state = { kind: 'stls' };
    return [send('STLS\r\n')];
  }

  #takeStls(line: ServerLine): readonly ForeignStep[] {
    if (line.kind !== 'ok') return this.#noTls('STLS was refused');
    if (this.#queue.length > 0) return this.#noTls('octets came behind the answer to STLS');
    this.#state = { kind: 'tls' };
    return [{ kind: 'start-tls' }];
  }

  #askCapa(): readonly ForeignStep[] {
    this.#state = { kind: 'capa' };
    return [send('CAPA\r\n')];
  }

  /** A server from before RFC 2449 knows USER and PASS. */
  #takeCapa(line: ServerLine): readonly ForeignStep[] {
    if (line.kind === 'ok') {
      this.#state = { kind: 'capa-list' };
      return [];
    }
    if (line.kind !== 'err') return this.#broken('CAPA was answered by a challenge');
    this.#offers = ['USER'];
    return this.#beReady();
  }

  #takeOffer(text: string): readonly ForeignStep[] {
    if (text === '.') return this.#beReady();
    this.#offers.push(text.toUpperCase());
    return this.#offers.length > LIST_LINES ? this.#broken('too many lines') : [];
  }

  #beReady(): readonly ForeignStep[] {
    this.#state = { kind: 'ready' };
    return [{ kind: 'ready' }];
  }

  #takeInvitation(secret: Buffer, by: 'AUTH' | 'USER', line: ServerLine): readonly ForeignStep[] {
    if (line.kind === 'err') {
      secret.fill(0);
      return by === 'AUTH'
        ? this.#refused(aboutWhat(line.code, 'mechanism'), line.code, line.text)
        : this.#takeRefusal(line);
    }
    const isInvited = by === 'AUTH' ? line.kind === 'challenge' : line.kind === 'ok';
    if (!isInvited) return this.#broken('logged in before the secret was shown');
    this.#state = { kind: 'answer', by: by === 'AUTH' ? by : 'PASS' };
    const octets = Buffer.concat([secret, CRLF]);
    secret.fill(0);
    return [{ kind: 'send-secret', octets }];
  }

  #takeAnswer(by: 'AUTH' | 'PASS', line: ServerLine): readonly ForeignStep[] {
    switch (line.kind) {
      case 'err':
        return this.#takeRefusal(line);
      case 'ok':
        this.#state = { kind: 'done' };
        return [{ kind: 'logged-in', capabilities: undefined, early: this.#queue.takeAll() }];
      case 'challenge':
        if (by === 'PASS') return this.#broken('a challenge to PASS');
        // RFC 7628 §3.2.3: a challenge behind the ticket holds an error; a lone %x01 answers it.
        this.#state = { kind: 'refusal' };
        return [send(`${encodeBase64('\x01')}\r\n`)];
    }
  }

  #takeRefusal({ code, text }: Extract<ServerLine, { kind: 'err' }>): readonly ForeignStep[] {
    const isFault = /unavailable|temporar|try again|too many|limit/i.test(text);
    return this.#refused(aboutWhat(code, isFault ? 'session' : 'credentials'), code, text);
  }

  #doesOffer(what: string): boolean {
    const [keyword = '', argument] = what.split(' ');
    return this.#offers.some((offer) => {
      const [name, ...args] = offer.split(' ');
      return name === keyword && (argument === undefined || args.includes(argument));
    });
  }

  #offersXclient(): boolean {
    return this.#greetingOffersXclient || this.#doesOffer('XCLIENT');
  }

  /** The commands that repeat what the client chose, as far as the server knows them. */
  #formatChoices({ language, isUtf8 }: SessionChoices): readonly string[] {
    const wantsLanguage = language !== DEFAULT_LANGUAGE.tag && this.#doesOffer('LANG');
    return [
      ...(isUtf8 && this.#doesOffer('UTF8') ? ['UTF8\r\n'] : []),
      ...(wantsLanguage ? [`LANG ${language}\r\n`] : []),
    ];
  }

  #refused(about: RefusalSubject, code: string | undefined, text: string): readonly ForeignStep[] {
    this.#state = { kind: 'done' };
    return [{ kind: 'refused', about, code, text: logged(text) }];
  }

  #noTls(text: string): readonly ForeignStep[] {
    this.#state = { kind: 'done' };
    return [{ kind: 'no-tls', text }];
  }

  #broken(text: string): readonly ForeignStep[] {
    this.#state = { kind: 'done' };
    return [{ kind: 'broken', text }];
  }
}

type SpokenLogin =
  | { readonly first: string; readonly secret: Buffer; readonly by: 'AUTH' | 'USER' }
  | { readonly why: string };

/** Secrets go behind the server's "+": lines have 255 octets (RFC 2449 §4), and old ones take no more. */
function speakLogin(secret: ForeignSecret, doesOffer: (what: string) => boolean): SpokenLogin {
  if (secret.kind === 'ticket') {
    const { ticket, loginName } = secret;
    if (!doesOffer('SASL OAUTHBEARER')) return { why: 'the site offers no OAUTHBEARER' };
    return sayAuth(createOauthBearerClient({ authzid: loginName, token: ticket }));
  }
  const { authzid, loginName, password } = secret;
  if (doesOffer('SASL PLAIN')) {
    return sayAuth(createPlainClient({ authzid, authcid: loginName, password }));
  }
  if (authzid !== undefined) {
    return { why: 'the site offers no PLAIN, which a master user with authzid needs' };
  }
  const octets = viewAsBuffer(password);
  const name = Buffer.from(loginName, 'utf8').toString('latin1');
  const canBeSaid =
    octets.every((octet) => octet >= 0x20 && octet !== 0x7f) && /^[^\x00-\x1f\x7f]+$/.test(name);
  if (!canBeSaid) return { why: 'name or password cannot be said by USER and PASS' };
  return {
    first: `USER ${name}\r\n`,
    secret: Buffer.concat([Buffer.from('PASS '), octets]),
    by: 'USER',
  };
}

function sayAuth(client: { readonly mechanism: string; start(): Uint8Array }): SpokenLogin {
  const message = client.start();
  const secret = encodeBase64Octets(message);
  message.fill(0);
  return { first: `AUTH ${client.mechanism}\r\n`, secret, by: 'AUTH' };
}

/** Dovecot's; it believes it of addresses in login_trusted_networks. */
function formatXclient({ address, port, sessionId, hopsLeft }: Partial<ClientFacts>): string {
  const facts = { ADDR: address, PORT: port, SESSION: sessionId, TTL: hopsLeft };
  const known = Object.entries(facts).filter(([, value]) => value !== undefined);
  return `XCLIENT ${known.map(([name, value]) => `${name}=${value}`).join(' ')}\r\n`;
}

/** RFC 3206, RFC 2449 §8.1. @param otherwise Where there is no code. */
function aboutWhat(code: string | undefined, otherwise: RefusalSubject): RefusalSubject {
  if (code === undefined) return otherwise;
  return code === 'AUTH' ? 'credentials' : 'session';
}

function send(octets: string): ForeignStep {
  return { kind: 'send', octets };
}

/** A server's words as they may stand in our log. */
function logged(text: string): string {
  return text.slice(0, LOGGED_TEXT_CHARACTERS).replaceAll(/[^ -~]/gu, '?');
}
