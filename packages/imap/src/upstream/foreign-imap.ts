/**
 * The client half by which a front end logs in at an IMAP server that is not ours (RFC 3501 §6.1,
 * §6.2): STARTTLS or nothing, CAPABILITY, ID that says who the client is (RFC 2971, with the
 * fields that Dovecot knows), then AUTHENTICATE or LOGIN, and CAPABILITY again where the answer
 * has none. ID and login go in one piece: no round trip is lost by it.
 *
 * The server is trusted with mail, not with our memory: lines and their number are bounded, and
 * what is not IMAP ends the dialogue.
 */
import type {
  ClientFacts,
  ForeignDialogue,
  ForeignLoginRequest,
  ForeignStep,
  RefusalSubject,
} from '@homeward/sasl';
import { ByteQueue, encodeBase64, takeLine } from '@homeward/wire';
import { formatString } from '../grammar/responses/strings.ts';
import { speakLogin } from './foreign-login.ts';
import { parseResponseLine, type ResponseLine } from './response-line.ts';

/** What the owner decides. */
export interface ForeignImapOptions {
  /** Upgrade before anything else; the dialogue ends where that is not to be had. */
  readonly startsTls: boolean;
}

/** Makes the dialogue of one connection. It holds nothing that must be closed. */
export function createForeignImap(options: ForeignImapOptions): ForeignDialogue {
  return new ForeignImap(options);
}

const LINE_BYTES = 8192;
/** Untagged lines that a server may send between two things we wait for. */
const NOISE_LINES = 100;
const LOGGED_TEXT_CHARACTERS = 200;

type State =
  | 'greeting'
  | 'starttls'
  | 'tls'
  | 'capability'
  | 'ready'
  /** The response waits for the server's "+". */
  | 'invited'
  | 'login'
  | 'login-failing'
  | 'last-capability'
  | 'done';
type StatusLine = Extract<ResponseLine, { readonly kind: 'status' }>;

const TAGS: Readonly<Partial<Record<State, string>>> = {
  starttls: 'H1',
  capability: 'H2',
  invited: 'H4',
  login: 'H4',
  'login-failing': 'H4',
  'last-capability': 'H5',
};
const ID_TAG = 'H3';
const CRLF = Buffer.from('\r\n');

class ForeignImap implements ForeignDialogue {
  readonly #startsTls: boolean;
  readonly #queue = new ByteQueue();
  #state: State = 'greeting';
  #noiseCount = 0;
  /** A line of the server's has come since `login`. */
  #isHeard = false;
  /** The newest list; none of an earlier state of the connection. */
  #capabilities: string | undefined;
  #response: Buffer | undefined;

  constructor({ startsTls }: ForeignImapOptions) {
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
    return this.#askCapability();
  }

  login({ secret, client }: ForeignLoginRequest): readonly ForeignStep[] {
    if (!this.#is('ready')) throw new Error('login() before ready, or twice');
    const offered = new Set((this.#capabilities ?? '').toUpperCase().split(' '));
    const spoken = speakLogin(secret, offered);
    if (spoken.kind === 'impossible') return this.#refused('mechanism', undefined, spoken.why);
    const id = client !== undefined && offered.has('ID') ? formatId(client) : '';
    this.#capabilities = undefined;
    this.#noiseCount = 0;
    this.#isHeard = false;
    this.#state = 'login';
    if (spoken.kind === 'login') {
      return [send(`${id}H4 LOGIN `), secretLine(spoken.args)];
    }
    const { mechanism, response, isInitial } = spoken;
    if (isInitial) return [send(`${id}H4 AUTHENTICATE ${mechanism} `), secretLine(response)];
    this.#state = 'invited';
    this.#response = response;
    return [send(`${id}H4 AUTHENTICATE ${mechanism}\r\n`)];
  }

  end(): void {
    this.#state = 'done';
    this.#response?.fill(0);
    this.#response = undefined;
  }

  /** A method, so that the state is not taken for what it was before the last line. */
  #is(state: State): boolean {
    return this.#state === state;
  }

  #take(text: string): readonly ForeignStep[] {
    const line = parseResponseLine(text);
    const isFirst = !this.#isHeard;
    this.#isHeard = true;
    switch (line.kind) {
      case 'garbage':
        return this.#broken('a line is no IMAP');
      case 'continuation':
        return this.#takeContinuation();
      case 'capability':
        if (this.#is('greeting')) return this.#broken('no greeting');
        this.#capabilities = line.capabilities;
        return this.#noise();
      case 'other':
        return this.#is('greeting') ? this.#broken('no greeting') : this.#noise();
      case 'status':
        return line.condition === 'BYE' ? this.#goodbye(line, isFirst) : this.#takeStatus(line);
    }
  }

  #takeStatus(line: StatusLine): readonly ForeignStep[] {
    if (line.tag === '*' && line.code === 'CAPABILITY') this.#capabilities = line.codeText;
    if (this.#is('greeting')) return this.#takeGreeting(line);
    if (line.tag === '*') {
      return line.condition === 'PREAUTH' ? this.#broken('PREAUTH is no answer') : this.#noise();
    }
    // Whether the server liked our ID or not changes nothing.
    if (line.tag === ID_TAG && TAGS[this.#state] === 'H4') return [];
    if (line.tag !== TAGS[this.#state]) return this.#broken('an answer to nothing that was asked');
    return this.#takeAnswer(line);
  }

  #takeGreeting({ tag, condition }: StatusLine): readonly ForeignStep[] {
    // PREAUTH would be somebody's mailbox, but whose?
    if (tag !== '*' || condition !== 'OK') return this.#broken('no greeting');
    if (this.#startsTls) {
      // Not asked for by the list of capabilities, which a man in the middle may have cut.
      this.#state = 'starttls';
      return [send('H1 STARTTLS\r\n')];
    }
    return this.#capabilities === undefined ? this.#askCapability() : this.#beReady();
  }

  #takeAnswer(line: StatusLine): readonly ForeignStep[] {
    const isOk = line.condition === 'OK';
    if (line.code === 'CAPABILITY' && isOk) this.#capabilities = line.codeText;
    switch (this.#state) {
      case 'starttls':
        return this.#takeStartTls(line);
      case 'capability':
        return isOk ? this.#beReady() : this.#broken('CAPABILITY was refused');
      case 'last-capability':
        return this.#loggedIn();
      default:
        return isOk ? this.#takeLoggedIn() : this.#takeRefusal(line);
    }
  }

  #takeStartTls({ condition, text }: StatusLine): readonly ForeignStep[] {
    if (condition !== 'OK') return this.#noTls(`STARTTLS was refused: ${logged(text)}`);
    // RFC 3501 §6.2.1: whatever is behind it was not sent by who will be on the other end of TLS.
    if (this.#queue.length > 0) return this.#noTls('octets came behind the answer to STARTTLS');
    this.#state = 'tls';
    this.#capabilities = undefined;
    return [{ kind: 'start-tls' }];
  }

  #askCapability(): readonly ForeignStep[] {
    this.#state = 'capability';
    return [send('H2 CAPABILITY\r\n')];
  }

  #beReady(): readonly ForeignStep[] {
    if (this.#capabilities === undefined) return this.#broken('CAPABILITY told nothing');
    this.#state = 'ready';
    return [{ kind: 'ready' }];
  }

  #takeLoggedIn(): readonly ForeignStep[] {
    if (this.#capabilities !== undefined) return this.#loggedIn();
    this.#state = 'last-capability';
    return [send('H5 CAPABILITY\r\n')];
  }

  #loggedIn(): readonly ForeignStep[] {
    this.#state = 'done';
    return [{ kind: 'logged-in', capabilities: this.#capabilities, early: this.#queue.takeAll() }];
  }

  #takeRefusal({ condition, code, text }: StatusLine): readonly ForeignStep[] {
    if (condition === 'BAD') return this.#refused('mechanism', code, text);
    return this.#refused(aboutWhat(code, text), code, text);
  }

  /** RFC 7628 §3.2.3: a challenge behind the ticket holds an error; the answer is a lone %x01. */
  #takeContinuation(): readonly ForeignStep[] {
    const response = this.#response;
    if (this.#is('invited') && response !== undefined) {
      this.#response = undefined;
      this.#state = 'login';
      return [secretLine(response)];
    }
    if (!this.#is('login')) return this.#broken('an invitation to nothing');
    this.#state = 'login-failing';
    return [send(`${encodeBase64('\x01')}\r\n`)];
  }

  #noise(): readonly ForeignStep[] {
    this.#noiseCount += 1;
    return this.#noiseCount > NOISE_LINES ? this.#broken('too many lines') : [];
  }

  #refused(about: RefusalSubject, code: string | undefined, text: string): readonly ForeignStep[] {
    this.#state = 'done';
    return [{ kind: 'refused', about, code, text: logged(text) }];
  }

  #noTls(text: string): readonly ForeignStep[] {
    this.#state = 'done';
    return [{ kind: 'no-tls', text }];
  }

  #goodbye({ text }: StatusLine, isFirst: boolean): readonly ForeignStep[] {
    this.#state = 'done';
    return [{ kind: 'broken', text: `goodbye: ${logged(text)}`, isGoodbye: isFirst }];
  }

  #broken(text: string): readonly ForeignStep[] {
    this.#state = 'done';
    return [{ kind: 'broken', text }];
  }
}

/** The fields are Dovecot's; it believes them of addresses in login_trusted_networks. */
function formatId(client: Partial<ClientFacts>): string {
  const fields: readonly (readonly [string, string | number | undefined])[] = [
    ['x-session-id', client.sessionId],
    ['x-originating-ip', client.address],
    ['x-originating-port', client.port],
    ['x-connected-ip', client.connectedAddress],
    ['x-connected-port', client.connectedPort],
    ['x-proxy-ttl', client.hopsLeft],
  ];
  const known = fields.filter(([, value]) => value !== undefined);
  return `${ID_TAG} ID (${known.flat().map(String).map(formatString).join(' ')})\r\n`;
}

const ABOUT_CREDENTIALS: ReadonlySet<string> = new Set([
  'AUTHENTICATIONFAILED',
  'AUTHORIZATIONFAILED',
  'EXPIRED',
]);

/**
 * RFC 5530 §3. Servers without codes (Courier, Exchange) mean the password, unless their words
 * say that the server is at fault.
 */
function aboutWhat(code: string | undefined, text: string): RefusalSubject {
  if (code !== undefined && code !== 'ALERT') {
    return ABOUT_CREDENTIALS.has(code) ? 'credentials' : 'session';
  }
  return /unavailable|temporar|try again|too many|limit/i.test(text) ? 'session' : 'credentials';
}

function send(octets: string): ForeignStep {
  return { kind: 'send', octets };
}

/** Overwrites what it was given: the step holds the only copy. */
function secretLine(octets: Buffer): ForeignStep {
  const line = Buffer.concat([octets, CRLF]);
  octets.fill(0);
  return { kind: 'send-secret', octets: line };
}

/** A server's words as they may stand in our log. */
function logged(text: string): string {
  return text.slice(0, LOGGED_TEXT_CHARACTERS).replaceAll(/[^ -~]/g, '?');
}
