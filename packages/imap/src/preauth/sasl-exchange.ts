/**
 * One AUTHENTICATE under way (RFC 3501 §6.2.2): reads the client's lines, lets the mechanism
 * judge them, and says what comes next. What is said and done about it is the dialogue's.
 */
import { base64LineBytes } from '@homeward/sasl';
import type {
  Credentials,
  LoginMethod,
  SaslMechanism,
  SaslServer,
  SaslStep,
  SaslSurroundings,
  ScramParameters,
} from '@homeward/sasl';
import { decodeBase64 } from '@homeward/wire';
import type { CommandReader } from '../grammar/command-reader.ts';

/** What comes next. */
export type ExchangeStep =
  | { readonly kind: 'challenge'; readonly octets: Uint8Array }
  | { readonly kind: 'credentials'; readonly credentials: Credentials }
  /** Call `proceed` when they are known. */
  | {
      readonly kind: 'parameters-wanted';
      readonly loginName: string;
      readonly actAs: string | undefined;
    }
  /** The exchange is over; `text` says why. */
  | { readonly kind: 'failed'; readonly text: string }
  /** The same, of what was said in the form of the protocol: it is no login of the mechanism’s. */
  | { readonly kind: 'unfit'; readonly text: string }
  /** The line is too long to find its end. */
  | { readonly kind: 'too-long' };

export class SaslExchange {
  /** Of the AUTHENTICATE command: what the outcome is answered to. */
  readonly tag: string;
  readonly method: LoginMethod;
  readonly #lineLimitBytes: number;
  readonly #responseLimitBytes: number;
  readonly #server: SaslServer;
  #proceed: ((parameters: ScramParameters) => SaslStep) | undefined;

  constructor(tag: string, mechanism: SaslMechanism, surroundings: SaslSurroundings) {
    this.tag = tag;
    this.method = mechanism.method;
    this.#lineLimitBytes = base64LineBytes(mechanism.responseLimitBytes);
    this.#responseLimitBytes = mechanism.responseLimitBytes;
    this.#server = mechanism.createServer(surroundings);
  }

  /** Begins. @param initialResponse As in the command (RFC 4959 §3). */
  start(initialResponse: Uint8Array | undefined): ExchangeStep {
    return this.#translate(this.#server.start(initialResponse));
  }

  /** @returns undefined if no whole line is there yet. */
  next(reader: CommandReader): ExchangeStep | undefined {
    const line = this.readLine(reader);
    if (line === undefined) return undefined;
    if (line === 'too-long') return { kind: 'too-long' };
    const text = Buffer.from(line).toString('latin1');
    // RFC 3501 §6.2.2: a cancelled exchange is answered BAD.
    if (text === '*') return { kind: 'failed', text: 'Authentication was cancelled' };
    const decoded = decodeBase64(text, this.#responseLimitBytes);
    if (!decoded.ok) return { kind: 'failed', text: 'The response is not base64' };
    return this.#translate(this.#server.step(decoded.octets));
  }

  /** Goes on after `parameters-wanted`. */
  proceed(parameters: ScramParameters): ExchangeStep {
    if (this.#proceed === undefined) throw new Error('nobody asked for parameters');
    return this.#translate(this.#proceed(parameters));
  }

  /** One line of the client, whatever it says. */
  readLine(reader: CommandReader): Uint8Array | undefined | 'too-long' {
    return reader.readLine(this.#lineLimitBytes);
  }

  /** The mechanism's last challenge, if it explains a refusal by one (RFC 7628 §3.2.2). */
  refused(): Uint8Array | undefined {
    return this.#server.refused();
  }

  #translate(step: SaslStep): ExchangeStep {
    if (step.kind === 'parameters-wanted') this.#proceed = step.proceed;
    if (step.kind !== 'failed') return step;
    return { kind: 'unfit', text: 'The response is not as the mechanism wants it' };
  }
}
