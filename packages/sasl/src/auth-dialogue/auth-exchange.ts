/**
 * The exchange of AUTH, in which challenges and responses are lines of base64 (RFC 5034 §4, RFC
 * 4954 §4). POP3 and submission lead it alike and only put it into other words.
 */
import { decodeBase64 } from '@homeward/wire';
import type { Line } from '@homeward/wire';
import { base64LineBytes, type SaslMechanism } from '../mechanisms.ts';
import type { LoginMethod } from '../login-dialogue.ts';
import type { SaslServer, SaslStep } from '../sasl-server.ts';
import type { ScramParameters } from '../scram/scram-parameters.ts';
import type { SaslSurroundings } from '../sasl-surroundings.ts';

/** Why an exchange ended without credentials. */
export type AuthFailure =
  /** The client sent "*". */
  | 'cancelled'
  | 'initial-response-not-base64'
  | 'response-not-base64'
  /** Base64, and not what the mechanism asks for. */
  | 'response-not-fit';

export type AuthStep =
  | Exclude<SaslStep, { readonly kind: 'failed' | 'parameters-wanted' }>
  | Omit<Extract<SaslStep, { readonly kind: 'parameters-wanted' }>, 'proceed'>
  | { readonly kind: 'failed'; readonly reason: AuthFailure };

const ASTERISK = 0x2a;

/** One exchange. */
export class AuthExchange {
  readonly #mechanism: SaslMechanism;
  readonly #server: SaslServer;
  #proceed: ((parameters: ScramParameters) => SaslStep) | undefined;

  constructor(mechanism: SaslMechanism, surroundings: SaslSurroundings) {
    this.#mechanism = mechanism;
    this.#server = mechanism.createServer(surroundings);
  }

  get method(): LoginMethod {
    return this.#mechanism.method;
  }

  /** The longest line that a response takes. */
  get lineBytes(): number {
    return base64LineBytes(this.#mechanism.responseLimitBytes);
  }

  /** @param initialResponse As written; undefined if there is none. */
  start(initialResponse: string | undefined): AuthStep {
    if (initialResponse === undefined) return this.#take(this.#server.start(undefined));
    // "=" stands for an empty response.
    const text = initialResponse === '=' ? '' : initialResponse;
    const response = decodeBase64(text, this.#mechanism.responseLimitBytes);
    if (!response.ok) return { kind: 'failed', reason: 'initial-response-not-base64' };
    return this.#take(this.#server.start(response.octets));
  }

  respond(line: Line): AuthStep {
    if (line.octets.length === 1 && line.octets[0] === ASTERISK) {
      return { kind: 'failed', reason: 'cancelled' };
    }
    const response = decodeBase64(line.octets, this.#mechanism.responseLimitBytes);
    if (line.end !== 'crlf' || !response.ok) {
      return { kind: 'failed', reason: 'response-not-base64' };
    }
    return this.#take(this.#server.step(response.octets));
  }

  /** Goes on after `parameters-wanted`. */
  proceed(parameters: ScramParameters): AuthStep {
    if (this.#proceed === undefined) throw new Error('nobody asked for parameters');
    return this.#take(this.#proceed(parameters));
  }

  /** See `SaslServer`. */
  refused(): Uint8Array | undefined {
    return this.#server.refused();
  }

  #take(step: SaslStep): AuthStep {
    if (step.kind === 'failed') return { kind: 'failed', reason: 'response-not-fit' };
    if (step.kind === 'parameters-wanted') this.#proceed = step.proceed;
    return step;
  }
}
