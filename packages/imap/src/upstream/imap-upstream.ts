/**
 * The client half by which a front end logs in at a home: greeting, ID if wanted (RFC 2971),
 * then AUTHENTICATE OAUTHBEARER (RFC 7628) with the ticket as initial response (RFC 4959).
 *
 * A home is trusted with mail, not with our memory: lines and their number are bounded, and
 * what is not IMAP ends the dialogue.
 */
import { createOauthBearerClient } from '@homeward/sasl';
import type { UpstreamDialogue, UpstreamStep } from '@homeward/sasl';
import { ByteQueue, encodeBase64, takeLine } from '@homeward/wire';
import { formatString } from '../grammar/responses/strings.ts';
import { parseResponseLine } from './response-line.ts';
import type { ResponseLine } from './response-line.ts';

/** What the owner decides. */
export interface ImapUpstreamOptions {
  /** Sent by ID before `ready`, as field and value; undefined or empty sends no ID. */
  readonly clientId: ReadonlyMap<string, string> | undefined;
}

/** Makes the dialogue of one connection. It holds nothing that must be closed. */
export function createImapUpstream(options: ImapUpstreamOptions): UpstreamDialogue {
  return new ImapUpstream(options);
}

/** Capability lines are the longest that a home sends before login. */
const LINE_BYTES = 8192;
/** Untagged lines that a home may send between two things we wait for. */
const NOISE_LINES = 100;
const LOGGED_TEXT_CHARACTERS = 200;
const ID_TAG = 'H1';
const LOGIN_TAG = 'H2';

type State = 'greeting' | 'id' | 'ready' | 'login' | 'login-failing' | 'done';
type StatusLine = Extract<ResponseLine, { readonly kind: 'status' }>;

class ImapUpstream implements UpstreamDialogue {
  readonly #options: ImapUpstreamOptions;
  readonly #queue = new ByteQueue();
  #state: State = 'greeting';
  #noiseCount = 0;
  /** From an untagged CAPABILITY since the login was sent. */
  #capabilities: string | undefined;

  constructor(options: ImapUpstreamOptions) {
    this.#options = options;
  }

  receive(octets: Uint8Array): readonly UpstreamStep[] {
    if (this.#state === 'done') return [];
    this.#queue.push(octets);
    const steps: UpstreamStep[] = [];
    while (!this.#isDone()) {
      const line = takeLine(this.#queue, LINE_BYTES);
      if (line === 'need-more') break;
      steps.push(...(line === 'too-long' ? this.#broken('a line is too long') : this.#take(line)));
    }
    return steps;
  }

  login(ticket: string): readonly UpstreamStep[] {
    if (this.#state !== 'ready') throw new Error('login() before ready, or twice');
    const client = createOauthBearerClient({ authzid: undefined, token: ticket });
    this.#state = 'login';
    this.#noiseCount = 0;
    this.#capabilities = undefined;
    const response = encodeBase64(client.start());
    return [send(`${LOGIN_TAG} AUTHENTICATE ${client.mechanism} ${response}\r\n`)];
  }

  /** A method, so that the state is not taken for what it was before the last line. */
  #isDone(): boolean {
    return this.#state === 'done';
  }

  #take(line: { readonly octets: Buffer; readonly end: 'crlf' | 'lf' }): readonly UpstreamStep[] {
    if (line.end === 'lf') return this.#broken('a line ends with a bare LF');
    const response = parseResponseLine(line.octets.toString('latin1'));
    switch (response.kind) {
      case 'garbage':
        return this.#broken('a line is no IMAP');
      case 'continuation':
        return this.#takeContinuation();
      case 'capability':
        this.#capabilities = response.capabilities;
        return this.#noise();
      case 'other':
        return this.#state === 'greeting' ? this.#broken('no greeting') : this.#noise();
      case 'status':
        return this.#takeStatus(response);
    }
  }

  #takeStatus(response: StatusLine): readonly UpstreamStep[] {
    if (response.condition === 'BYE') return this.#broken(`goodbye: ${logged(response.text)}`);
    switch (this.#state) {
      case 'greeting':
        return this.#takeGreeting(response);
      case 'id':
        if (response.tag !== ID_TAG) return this.#takeUntagged(response);
        // Whether the home liked our ID or not changes nothing.
        this.#state = 'ready';
        return [{ kind: 'ready' }];
      case 'login':
      case 'login-failing':
        if (response.tag !== LOGIN_TAG) return this.#takeUntagged(response);
        return this.#takeLoginAnswer(response);
      case 'ready':
      case 'done':
        return this.#takeUntagged(response);
    }
  }

  #takeGreeting(response: StatusLine): readonly UpstreamStep[] {
    // PREAUTH would be somebody's mailbox, but whose?
    if (response.tag !== '*' || response.condition !== 'OK') return this.#broken('no greeting');
    const id = this.#options.clientId;
    if (id === undefined || id.size === 0) {
      this.#state = 'ready';
      return [{ kind: 'ready' }];
    }
    this.#state = 'id';
    return [send(`${ID_TAG} ID (${[...id].flat().map(formatString).join(' ')})\r\n`)];
  }

  #takeUntagged(response: StatusLine): readonly UpstreamStep[] {
    if (response.tag !== '*') return this.#broken('an answer to nothing that was asked');
    if (response.condition === 'PREAUTH') return this.#broken('PREAUTH is no answer');
    return this.#noise();
  }

  #takeLoginAnswer(response: StatusLine): readonly UpstreamStep[] {
    this.#state = 'done';
    const { code, codeText, text, condition } = response;
    if (condition !== 'OK') return [{ kind: 'refused', code, text: logged(text) }];
    const capabilities = code === 'CAPABILITY' ? codeText : this.#capabilities;
    return [{ kind: 'logged-in', capabilities, early: this.#queue.takeAll() }];
  }

  /** RFC 7628 §3.2.3: the challenge holds an error; the answer to it is a lone %x01. */
  #takeContinuation(): readonly UpstreamStep[] {
    if (this.#state !== 'login') return this.#broken('an invitation to nothing');
    this.#state = 'login-failing';
    return [send(`${encodeBase64('\x01')}\r\n`)];
  }

  #noise(): readonly UpstreamStep[] {
    this.#noiseCount += 1;
    return this.#noiseCount > NOISE_LINES ? this.#broken('too many lines') : [];
  }

  #broken(text: string): readonly UpstreamStep[] {
    this.#state = 'done';
    return [{ kind: 'broken', text }];
  }
}

function send(octets: string): UpstreamStep {
  return { kind: 'send', octets };
}

/** A home's words as they may stand in our log. */
function logged(text: string): string {
  return text.slice(0, LOGGED_TEXT_CHARACTERS).replaceAll(/[^ -~]/g, '?');
}
