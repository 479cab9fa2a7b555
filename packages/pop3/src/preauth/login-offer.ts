/** What a connection is offered, by the server's settings and by whether TLS is up. */
import {
  base64LineBytes,
  findMechanism,
  isLoginAllowed,
  offeredMechanisms,
  surroundingsOfOffer,
} from '@homeward/sasl';
import type { SaslMechanism, SaslSurroundings } from '@homeward/sasl';
import { listCapabilities } from '../grammar/capabilities.ts';
import type { Pop3LoginOptions } from './options.ts';

/** `AUTH`, the longest mechanism name (RFC 4422 §3.1), two blanks. */
const AUTH_OVERHEAD_BYTES = 26;

/** The offer of one connection; made anew when TLS comes up. */
export class LoginOffer {
  readonly #options: Pop3LoginOptions;
  readonly isEncrypted: boolean;
  readonly mechanisms: readonly SaslMechanism[];
  readonly surroundings: SaslSurroundings;
  /** A login that shows its secret on the wire may happen. */
  readonly allowsSecrets: boolean;
  /** The longest AUTH command that is taken. */
  readonly authCommandBytes: number;

  constructor(options: Pop3LoginOptions, isEncrypted: boolean) {
    const { loginType, surroundings } = options;
    const canBind = surroundings.findChannelBinding !== undefined;
    const connection = { isEncrypted, loginType, canBind };
    this.#options = options;
    this.isEncrypted = isEncrypted;
    this.mechanisms = offeredMechanisms(options.mechanisms, connection);
    this.surroundings = surroundingsOfOffer(this.mechanisms, surroundings);
    this.allowsSecrets = isLoginAllowed(true, connection);
    const longest = Math.max(0, ...this.mechanisms.map((row) => row.responseLimitBytes));
    this.authCommandBytes = Math.max(
      options.commandBytes,
      AUTH_OVERHEAD_BYTES + base64LineBytes(longest),
    );
  }

  /** The lines of CAPA. */
  listCapabilities(): readonly string[] {
    const login = {
      stls: this.#options.offersStls && !this.isEncrypted,
      user: this.#options.offersUser && this.allowsSecrets,
      mechanisms: this.mechanisms.map(({ name }) => name),
    };
    return listCapabilities(login, this.#options.policy);
  }

  /** @returns The mechanism to use, or why not. */
  find(name: string): SaslMechanism | 'unknown' | 'needs-tls' {
    const mechanism = findMechanism(name);
    if (mechanism === undefined || !this.#options.mechanisms.includes(mechanism.name)) {
      return 'unknown';
    }
    return this.mechanisms.includes(mechanism) ? mechanism : 'needs-tls';
  }
}
