/**
 * The client half by which a front end logs in at a submission service that is not ours (Postfix,
 * Dovecot, Exchange): EHLO, STARTTLS or nothing (RFC 3207 §4.1), XCLIENT where it is offered, EHLO
 * in the client's own name, then AUTH (RFC 4954). The secret goes behind the server's 334: an AUTH
 * command with it may be longer than what the server reads.
 *
 * The server is trusted with mail, not with our memory: lines and their number are bounded, and
 * what is not SMTP ends the dialogue.
 */
import type {
  ForeignDialogue,
  ForeignLoginRequest,
  ForeignStep,
  RefusalSubject,
} from '@homeward/sasl';
import { ByteQueue, encodeBase64, takeLine } from '@homeward/wire';
import { formatCommand } from '../grammar/command-table.ts';
import { parseReplyLine, type ReplyLine } from '../grammar/reply.ts';
import { chooseForeignAuth } from './foreign-auth.ts';
import { ForeignOffer } from './foreign-offer.ts';
import { formatXclient } from './xclient.ts';

/** What the owner decides. */
export interface ForeignSmtpOptions {
  /** Upgrade before anything else; the dialogue ends where that is not to be had. */
  readonly startsTls: boolean;
}

/** Makes the dialogue of one connection. It holds nothing that must be closed. */
export function createForeignSmtp(options: ForeignSmtpOptions): ForeignDialogue {
  return new ForeignSmtp(options);
}

/** RFC 5321 §4.5.3.1.5 has 512 octets; an error challenge may have more. */
const LINE_BYTES = 4096;
const LOGGED_TEXT_CHARACTERS = 200;
/** RFC 5321 §4.1.4: a client without a name of its own. */
const NO_NAME = '[127.0.0.1]';
const CRLF = Buffer.from('\r\n');

type State =
  | { readonly kind: 'greeting' | 'starttls' | 'tls' | 'ready' | 'xclient' | 'auth' | 'done' }
  /** What comes behind the list of extensions. */
  | { readonly kind: 'ehlo'; readonly next: 'starttls' | 'ready' | 'auth' }
  /** The server gave its reasons in a challenge; its refusal must follow. */
  | { readonly kind: 'refusal' };

class ForeignSmtp implements ForeignDialogue {
  readonly #startsTls: boolean;
  readonly #queue = new ByteQueue();
  #state: State = { kind: 'greeting' };
  #offer = new ForeignOffer();
  /** Still to be said to 334; overwritten when the dialogue ends. */
  #responses: Buffer[] = [];
  #mechanism = '';
  #clientName = NO_NAME;

  constructor({ startsTls }: ForeignSmtpOptions) {
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
    return this.#sayEhlo('ready');
  }

  login({ secret, client, choices }: ForeignLoginRequest): readonly ForeignStep[] {
    if (!this.#is('ready')) throw new Error('login() before ready, or twice');
    const chosen = chooseForeignAuth(secret, this.#offer);
    if ('why' in chosen) return this.#refused('mechanism', undefined, chosen.why);
    this.#mechanism = chosen.mechanism;
    this.#responses = [...chosen.responses];
    const clientName = choices?.clientName;
    const attributes = client === undefined ? undefined : this.#offer.parametersOf('XCLIENT');
    this.#clientName = clientName ?? NO_NAME;
    const told = client && attributes && formatXclient(client, clientName, attributes);
    if (told !== undefined) {
      this.#state = { kind: 'xclient' };
      return [send(told)];
    }
    return clientName === undefined ? this.#sayAuth() : this.#sayEhlo('auth');
  }

  end(): void {
    this.#state = { kind: 'done' };
    for (const octets of this.#responses) octets.fill(0);
    this.#responses = [];
  }

  /** A method, so that the state is not taken for what it was before the last line. */
  #is(kind: State['kind']): boolean {
    return this.#state.kind === kind;
  }

  #take(text: string): readonly ForeignStep[] {
    const line = parseReplyLine(text);
    if (line === undefined) return this.#broken('a line is no SMTP');
    const state = this.#state;
    switch (state.kind) {
      case 'greeting':
        if (line.code !== 220) return this.#broken(`no greeting: ${logged(text)}`);
        return line.isLast ? this.#sayEhlo(this.#startsTls ? 'starttls' : 'ready') : [];
      case 'ehlo':
        return this.#takeExtension(state.next, line);
      case 'starttls':
        return this.#takeStartTls(line);
      case 'xclient':
        // 220 begins anew. A server that does not believe us is worth a session all the same.
        return line.isLast ? this.#sayEhlo('auth') : [];
      case 'auth':
        return this.#takeAnswer(line);
      case 'refusal':
        if (line.code < 400) return this.#broken('no refusal after its reasons');
        return line.isLast ? this.#takeRefusal(line) : [];
      default:
        return this.#broken(`an unexpected line: ${logged(text)}`);
    }
  }

  #sayEhlo(next: 'starttls' | 'ready' | 'auth'): readonly ForeignStep[] {
    this.#state = { kind: 'ehlo', next };
    this.#offer = new ForeignOffer();
    return [send(formatCommand({ name: 'EHLO', clientName: this.#clientName }))];
  }

  #takeExtension(next: 'starttls' | 'ready' | 'auth', line: ReplyLine): readonly ForeignStep[] {
    if (line.code !== 250) return this.#takeNameRefusal(next, line);
    if (!this.#offer.add(line.text)) return this.#broken('too many lines');
    if (!line.isLast) return [];
    switch (next) {
      case 'starttls':
        // Whether it is offered is not looked at: a man in the middle may have cut the list.
        this.#state = { kind: 'starttls' };
        return [send(formatCommand({ name: 'STARTTLS' }))];
      case 'ready':
        this.#state = { kind: 'ready' };
        return [{ kind: 'ready' }];
      case 'auth':
        return this.#sayAuth();
    }
  }

  /** What the client calls itself is no name to some; a session is worth more than that. */
  #takeNameRefusal(next: 'starttls' | 'ready' | 'auth', line: ReplyLine): readonly ForeignStep[] {
    if (next !== 'auth' || this.#clientName === NO_NAME) {
      return this.#broken(`EHLO was refused: ${logged(line.text)}`);
    }
    if (!line.isLast) return [];
    this.#clientName = NO_NAME;
    return this.#sayEhlo('auth');
  }

  #takeStartTls(line: ReplyLine): readonly ForeignStep[] {
    if (line.code !== 220) return this.#noTls('STARTTLS was refused');
    if (!line.isLast) return [];
    if (this.#queue.length > 0) return this.#noTls('octets came behind the answer to STARTTLS');
    this.#state = { kind: 'tls' };
    return [{ kind: 'start-tls' }];
  }

  #sayAuth(): readonly ForeignStep[] {
    this.#state = { kind: 'auth' };
    return [send(`AUTH ${this.#mechanism}\r\n`)];
  }

  #takeAnswer(line: ReplyLine): readonly ForeignStep[] {
    if (line.code === 334) return this.#takeChallenge(this.#responses.shift());
    // A line that is none of the last is looked at once they are all here.
    if (!line.isLast) return line.code === 235 || line.code >= 400 ? [] : this.#unexpected(line);
    if (line.code === 235) {
      if (this.#responses.length > 0) return this.#broken('logged in before the secret was shown');
      this.#state = { kind: 'done' };
      return [{ kind: 'logged-in', capabilities: undefined, early: this.#queue.takeAll() }];
    }
    return line.code >= 400 ? this.#takeRefusal(line) : this.#unexpected(line);
  }

  #takeChallenge(response: Buffer | undefined): readonly ForeignStep[] {
    if (response === undefined) {
      // RFC 7628 §3.2.3: a challenge behind the ticket holds an error; a lone %x01 answers it.
      this.#state = { kind: 'refusal' };
      return [send(this.#mechanism === 'OAUTHBEARER' ? `${encodeBase64('\x01')}\r\n` : '*\r\n')];
    }
    const octets = Buffer.concat([response, CRLF]);
    response.fill(0);
    return [{ kind: 'send-secret', octets }];
  }

  #takeRefusal({ code, enhanced, text }: ReplyLine): readonly ForeignStep[] {
    return this.#refused(subjectOf(code), enhanced ?? String(code), text);
  }

  #unexpected({ code }: ReplyLine): readonly ForeignStep[] {
    return this.#broken(`an unexpected answer: ${code}`);
  }

  #refused(about: RefusalSubject, code: string | undefined, text: string): readonly ForeignStep[] {
    this.end();
    return [{ kind: 'refused', about, code, text: logged(text) }];
  }

  #noTls(text: string): readonly ForeignStep[] {
    this.end();
    return [{ kind: 'no-tls', text }];
  }

  #broken(text: string): readonly ForeignStep[] {
    this.end();
    return [{ kind: 'broken', text }];
  }
}

/** RFC 4954 §6. A client's secret is wrong where the server says just that, and nowhere else. */
function subjectOf(code: number): RefusalSubject {
  switch (code) {
    case 535:
      return 'credentials';
    case 504:
    case 530:
    case 534:
    case 538:
      return 'mechanism';
    default:
      return 'session';
  }
}

function send(octets: string): ForeignStep {
  return { kind: 'send', octets };
}

/** A server's words as they may stand in our log. */
function logged(text: string): string {
  return text.slice(0, LOGGED_TEXT_CHARACTERS).replaceAll(/[^ -~]/gu, '?');
}
