/**
 * The client half by which a front end logs in at a home: greeting, what the client chose (UTF8
 * and LANG, RFC 6856 §2, §3), then AUTH OAUTHBEARER with the ticket (RFC 5034, RFC 7628), all in one piece. No
 * CAPA: it would cost a round trip and a home must take tickets.
 *
 * A home is trusted with mail, not with our memory: lines are bounded, and what is not POP3 ends
 * the dialogue.
 */
import { createOauthBearerClient } from '@homeward/sasl';
import type { SaslClient, SessionChoices, UpstreamDialogue, UpstreamStep } from '@homeward/sasl';
import { ByteQueue, decodeBase64, encodeBase64, takeLine } from '@homeward/wire';
import { formatCommand } from '../grammar/command-table.ts';
import { parseServerLine } from '../grammar/response.ts';
import type { ServerLine } from '../grammar/response.ts';
import { DEFAULT_LANGUAGE } from '../grammar/texts/language.ts';

/** What the owner decides. */
export interface Pop3UpstreamOptions {
  /**
   * The longest command that the home takes, its CRLF included. Our own back ends take an AUTH as
   * long as a ticket, which saves a round trip; any other home gets a ticket that does not fit
   * behind the home's "+", as RFC 5034 §4 has it. Default 4096; 255 is what RFC 2449 §4 grants.
   */
  readonly commandBytes?: number;
}

/** Makes the dialogue of one connection. It holds nothing that must be closed. */
export function createPop3Upstream(options: Pop3UpstreamOptions = {}): UpstreamDialogue {
  return new Pop3Upstream(options.commandBytes ?? OWN_BACK_END_BYTES);
}

const OWN_BACK_END_BYTES = 4096;
/** Status lines have 512 octets (RFC 2449 §4); an error challenge may have more. */
const LINE_BYTES = 4096;
const CHALLENGE_BYTES = 3072;
const LOGGED_TEXT_CHARACTERS = 200;

type State =
  | { readonly kind: 'greeting' }
  | { readonly kind: 'ready' }
  /** The ticket waits for the home's "+". */
  | { readonly kind: 'invited'; readonly client: SaslClient }
  /** The ticket is sent. */
  | { readonly kind: 'answer'; readonly client: SaslClient }
  /** The home gave its reasons in a challenge; its refusal must follow. */
  | { readonly kind: 'refusal' }
  | { readonly kind: 'done' };

class Pop3Upstream implements UpstreamDialogue {
  readonly #commandBytes: number;
  readonly #queue = new ByteQueue();
  #state: State = { kind: 'greeting' };
  /** Answers that come before that to AUTH. */
  #choiceAnswers = 0;

  constructor(commandBytes: number) {
    this.#commandBytes = commandBytes;
  }

  receive(octets: Uint8Array): readonly UpstreamStep[] {
    if (this.#state.kind === 'done') return [];
    this.#queue.push(octets);
    const steps: UpstreamStep[] = [];
    while (!this.#isDone()) {
      const line = takeLine(this.#queue, LINE_BYTES);
      if (line === 'need-more') break;
      if (line === 'too-long') steps.push(this.#broken('a line is too long'));
      else if (line.end === 'lf') steps.push(this.#broken('a line ends with a bare LF'));
      else steps.push(...asList(this.#take(line.octets.toString('latin1'))));
    }
    return steps;
  }

  login(ticket: string, choices?: SessionChoices): readonly UpstreamStep[] {
    if (this.#state.kind !== 'ready') throw new Error('login() before ready, or twice');
    const client = createOauthBearerClient({ authzid: undefined, token: ticket });
    const { mechanism } = client;
    const initialResponse = encodeBase64(client.start());
    const chosen = choices === undefined ? [] : formatChoices(choices);
    this.#choiceAnswers = chosen.length;
    const before = chosen.join('');
    const inOneLine = formatCommand({ name: 'AUTH', mechanism, initialResponse });
    if (inOneLine.length <= this.#commandBytes) {
      this.#state = { kind: 'answer', client };
      return [send(before + inOneLine)];
    }
    this.#state = { kind: 'invited', client };
    const alone = formatCommand({ name: 'AUTH', mechanism, initialResponse: undefined });
    return [send(before + alone)];
  }

  /** A method, so that the state is not taken for what it was before the last line. */
  #isDone(): boolean {
    return this.#state.kind === 'done';
  }

  #take(text: string): UpstreamStep | undefined {
    const line = parseServerLine(text);
    if (line === undefined) return this.#broken('a line is no POP3');
    if (this.#choiceAnswers > 0 && this.#state.kind !== 'ready') return this.#passChoice(line);
    switch (this.#state.kind) {
      case 'greeting':
        return this.#takeGreeting(line);
      case 'invited':
        return this.#takeInvitation(this.#state.client, line);
      case 'answer':
        return this.#takeAnswer(this.#state.client, line);
      case 'refusal':
        if (line.kind !== 'err') return this.#broken('no refusal after its reasons');
        return this.#refused(line);
      case 'ready':
      case 'done':
        // A POP3 server speaks when it is asked, or to say goodbye.
        return this.#broken(`an unexpected line: ${logged(text)}`);
    }
  }

  /**
   * A home that does not know the choice (it may be a release behind) says no; the session is
   * worth more than the language of its texts.
   */
  #passChoice(line: ServerLine): UpstreamStep | undefined {
    if (line.kind === 'challenge') return this.#broken('a challenge before AUTH was answered');
    this.#choiceAnswers -= 1;
    return undefined;
  }

  #takeGreeting(line: ServerLine): UpstreamStep {
    if (line.kind === 'err') return this.#broken(`goodbye: ${logged(line.text)}`);
    if (line.kind !== 'ok') return this.#broken('no greeting');
    this.#state = { kind: 'ready' };
    return { kind: 'ready' };
  }

  #takeInvitation(client: SaslClient, line: ServerLine): UpstreamStep {
    if (line.kind === 'err') return this.#refused(line);
    if (line.kind === 'ok') return this.#broken('logged in before the ticket was shown');
    this.#state = { kind: 'answer', client };
    return send(`${encodeBase64(client.start())}\r\n`);
  }

  #takeAnswer(client: SaslClient, line: ServerLine): UpstreamStep {
    switch (line.kind) {
      case 'err':
        return this.#refused(line);
      case 'ok':
        this.#state = { kind: 'done' };
        return { kind: 'logged-in', capabilities: undefined, early: this.#queue.takeAll() };
      case 'challenge': {
        const challenge = decodeBase64(line.base64, CHALLENGE_BYTES);
        if (!challenge.ok) return this.#broken('a challenge is not base64');
        this.#state = { kind: 'refusal' };
        const response = client.step(challenge.octets);
        return send(response === 'cancel' ? '*\r\n' : `${encodeBase64(response)}\r\n`);
      }
    }
  }

  #refused(line: Extract<ServerLine, { readonly kind: 'err' }>): UpstreamStep {
    this.#state = { kind: 'done' };
    return { kind: 'refused', code: line.code, text: logged(line.text) };
  }

  #broken(text: string): UpstreamStep {
    this.#state = { kind: 'done' };
    return { kind: 'broken', text };
  }
}

/** The commands that repeat what the client chose; English needs none. */
function formatChoices({ language, isUtf8 }: SessionChoices): readonly string[] {
  const isDefault = language === DEFAULT_LANGUAGE.tag;
  return [
    ...(isUtf8 ? [formatCommand({ name: 'UTF8' })] : []),
    ...(isDefault ? [] : [formatCommand({ name: 'LANG', range: language })]),
  ];
}

function asList(step: UpstreamStep | undefined): readonly UpstreamStep[] {
  return step === undefined ? [] : [step];
}

function send(octets: string): UpstreamStep {
  return { kind: 'send', octets };
}

/** A home's words as they may stand in our log. */
function logged(text: string): string {
  return text.slice(0, LOGGED_TEXT_CHARACTERS).replaceAll(/[^ -~]/gu, '?');
}
