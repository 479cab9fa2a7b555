/**
 * The client half by which a front end logs in at a home: greeting, then EHLO in the client's own
 * name and AUTH OAUTHBEARER with the ticket (RFC 4954, RFC 7628), in one piece. A home of ours
 * takes them so; that its EHLO offers the mechanism needs no looking at.
 *
 * A home is trusted with mail, not with our memory: lines are bounded, and what is not SMTP ends
 * the dialogue.
 */
import { createOauthBearerClient } from '@homeward/sasl';
import type { SaslClient, SessionChoices, UpstreamDialogue, UpstreamStep } from '@homeward/sasl';
import { ByteQueue, decodeBase64, encodeBase64, takeLine } from '@homeward/wire';
import { formatCommand } from '../grammar/command-table.ts';
import { parseReplyLine } from '../grammar/reply.ts';
import type { ReplyLine } from '../grammar/reply.ts';

/** Makes the dialogue of one connection. It holds nothing that must be closed. */
export function createSmtpUpstream(): UpstreamDialogue {
  return new SmtpUpstream();
}

/** RFC 5321 §4.5.3.1.5 has 512 octets; an error challenge may have more. */
const LINE_BYTES = 4096;
const CHALLENGE_BYTES = 3072;
const LOGGED_TEXT_CHARACTERS = 200;
/** RFC 5321 §4.1.4: a client without a name of its own. */
const NO_NAME = '[127.0.0.1]';

type State =
  | { readonly kind: 'greeting' }
  | { readonly kind: 'ready' }
  /** EHLO and the ticket are sent. */
  | { readonly kind: 'extensions'; readonly client: SaslClient }
  | { readonly kind: 'answer'; readonly client: SaslClient }
  /** The home gave its reasons in a challenge; its refusal must follow. */
  | { readonly kind: 'refusal' }
  | { readonly kind: 'done' };

class SmtpUpstream implements UpstreamDialogue {
  readonly #queue = new ByteQueue();
  #state: State = { kind: 'greeting' };

  receive(octets: Uint8Array): readonly UpstreamStep[] {
    if (this.#state.kind === 'done') return [];
    this.#queue.push(octets);
    const steps: UpstreamStep[] = [];
    while (!this.#isDone()) {
      const line = takeLine(this.#queue, LINE_BYTES);
      if (line === 'need-more') break;
      if (line === 'too-long') steps.push(this.#broken('a line is too long'));
      else if (line.end === 'lf') steps.push(this.#broken('a line ends with a bare LF'));
      else steps.push(...this.#take(line.octets.toString('latin1')));
    }
    return steps;
  }

  login(ticket: string, choices?: SessionChoices): readonly UpstreamStep[] {
    if (this.#state.kind !== 'ready') throw new Error('login() before ready, or twice');
    const client = createOauthBearerClient({ authzid: undefined, token: ticket });
    const { mechanism } = client;
    const initialResponse = encodeBase64(client.start());
    this.#state = { kind: 'extensions', client };
    const ehlo = formatCommand({ name: 'EHLO', clientName: choices?.clientName ?? NO_NAME });
    return [send(ehlo + formatCommand({ name: 'AUTH', mechanism, initialResponse }))];
  }

  /** A method, so that the state is not taken for what it was before the last line. */
  #isDone(): boolean {
    return this.#state.kind === 'done';
  }

  #take(text: string): readonly UpstreamStep[] {
    const line = parseReplyLine(text);
    if (line === undefined) return [this.#broken('a line is no SMTP')];
    // RFC 5321 §3.8: at any time.
    if (line.code === 421) return [this.#takeGoodbye(line)];
    switch (this.#state.kind) {
      case 'greeting':
        return this.#takeGreeting(line);
      case 'extensions':
        return this.#takeExtensions(this.#state.client, line);
      case 'answer':
        return this.#takeAnswer(this.#state.client, line);
      case 'refusal':
        if (line.code < 400) return [this.#broken('no refusal after its reasons')];
        return line.isLast ? [this.#refused(line)] : [];
      case 'ready':
      case 'done':
        return [this.#broken(`an unexpected line: ${logged(text)}`)];
    }
  }

  /** Before the ticket was sent nobody was refused; behind it, this login was. */
  #takeGoodbye(line: ReplyLine): UpstreamStep {
    const isBeforeLogin = this.#state.kind === 'greeting' || this.#state.kind === 'ready';
    return isBeforeLogin ? this.#broken(`goodbye: ${logged(line.text)}`) : this.#refused(line);
  }

  #takeGreeting(line: ReplyLine): readonly UpstreamStep[] {
    if (line.code !== 220) return [this.#broken('no greeting')];
    if (!line.isLast) return [];
    this.#state = { kind: 'ready' };
    return [{ kind: 'ready' }];
  }

  #takeExtensions(client: SaslClient, line: ReplyLine): readonly UpstreamStep[] {
    if (line.code !== 250) return [this.#broken(`EHLO was refused: ${logged(line.text)}`)];
    if (line.isLast) this.#state = { kind: 'answer', client };
    return [];
  }

  #takeAnswer(client: SaslClient, line: ReplyLine): readonly UpstreamStep[] {
    switch (line.code) {
      case 235:
        if (!line.isLast) return [];
        this.#state = { kind: 'done' };
        return [{ kind: 'logged-in', capabilities: undefined, early: this.#queue.takeAll() }];
      case 334: {
        const challenge = decodeBase64(line.text, CHALLENGE_BYTES);
        if (!challenge.ok) return [this.#broken('a challenge is not base64')];
        this.#state = { kind: 'refusal' };
        const response = client.step(challenge.octets);
        return [send(response === 'cancel' ? '*\r\n' : `${encodeBase64(response)}\r\n`)];
      }
      default:
        if (line.code < 400) return [this.#broken(`an unexpected answer: ${line.code}`)];
        return line.isLast ? [this.#refused(line)] : [];
    }
  }

  #refused(line: ReplyLine): UpstreamStep {
    this.#state = { kind: 'done' };
    return { kind: 'refused', code: line.enhanced ?? String(line.code), text: logged(line.text) };
  }

  #broken(text: string): UpstreamStep {
    this.#state = { kind: 'done' };
    return { kind: 'broken', text };
  }
}

function send(octets: string): UpstreamStep {
  return { kind: 'send', octets };
}

/** A home's words as they may stand in our log. */
function logged(text: string): string {
  return text.slice(0, LOGGED_TEXT_CHARACTERS).replaceAll(/[^ -~]/gu, '?');
}
