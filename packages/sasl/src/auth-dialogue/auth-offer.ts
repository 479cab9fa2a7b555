/** What AUTH offers over a connection (RFC 5034, RFC 4954), and how long its command may be. */
import type { ByteQueue } from '@homeward/wire';
import type { LoginType, MechanismName, SaslMechanism } from '../mechanisms.ts';
import {
  base64LineBytes,
  findMechanism,
  isLoginAllowed,
  offeredMechanisms,
  surroundingsOfOffer,
} from '../mechanisms.ts';
import type { SaslSurroundings } from '../sasl-surroundings.ts';

/** Of the server's settings and the connection, what the offer depends on. */
export interface AuthOfferOptions {
  readonly loginType: LoginType;
  /** Mechanisms that may be offered, where `loginType` allows them. */
  readonly mechanisms: readonly MechanismName[];
  /**
   * One of `mechanisms` that is offered whatever `loginType` says: programs of our own come by it
   * with what shows nobody's secret. Who else uses it is for whoever judges logins to refuse.
   */
  readonly alwaysOffered?: MechanismName | undefined;
  readonly surroundings: SaslSurroundings;
  /** Octets of any other command with its CRLF. */
  readonly commandBytes: number;
}

const AUTH_KEYWORD: Buffer = Buffer.from('AUTH ');
/** `AUTH`, the longest mechanism name (RFC 4422 §3.1), two blanks. */
const AUTH_OVERHEAD_BYTES = 26;

/** The offer of one connection; made anew when TLS comes up. */
export class AuthOffer {
  readonly isEncrypted: boolean;
  readonly mechanisms: readonly SaslMechanism[];
  readonly surroundings: SaslSurroundings;
  /** A login that shows its secret on the wire may happen. */
  readonly allowsSecrets: boolean;
  /** Without TLS nobody logs in, by whatever mechanism. */
  readonly needsTls: boolean;
  /** The longest AUTH command that is taken. */
  readonly authCommandBytes: number;
  readonly #configured: readonly MechanismName[];

  constructor(options: AuthOfferOptions, isEncrypted: boolean) {
    const { loginType, mechanisms, alwaysOffered, surroundings, commandBytes } = options;
    const canBind = surroundings.findChannelBinding !== undefined;
    const connection = { isEncrypted, loginType, canBind, alwaysOffered };
    this.isEncrypted = isEncrypted;
    this.#configured = mechanisms;
    this.mechanisms = offeredMechanisms(mechanisms, connection);
    this.surroundings = surroundingsOfOffer(this.mechanisms, surroundings);
    this.allowsSecrets = isLoginAllowed(true, connection);
    this.needsTls = !isLoginAllowed(false, connection);
    const longest = Math.max(0, ...this.mechanisms.map((row) => row.responseLimitBytes));
    this.authCommandBytes = Math.max(commandBytes, AUTH_OVERHEAD_BYTES + base64LineBytes(longest));
  }

  /** @returns The mechanism to use, or why not. */
  find(name: string): SaslMechanism | 'unknown' | 'needs-tls' {
    const mechanism = findMechanism(name);
    if (mechanism === undefined || !this.#configured.includes(mechanism.name)) return 'unknown';
    return this.mechanisms.includes(mechanism) ? mechanism : 'needs-tls';
  }
}

/** Whether the command that waits is AUTH, which may be longer than others. */
export function isAuthWaiting(queue: ByteQueue): boolean {
  return AUTH_KEYWORD.every((octet, at) => {
    const sent = queue.peek(at);
    // Letters differ in one bit between the cases; the blank has that bit set anyway.
    return sent !== undefined && (sent | 0x20) === (octet | 0x20);
  });
}
