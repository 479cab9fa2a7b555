/** What a connection is offered, by the server's settings and by whether TLS is up. */
import {
  base64LineBytes,
  findMechanism,
  isLoginAllowed,
  offeredMechanisms,
  surroundingsOfOffer,
} from '@homeward/sasl';
import type { SaslMechanism, SaslSurroundings } from '@homeward/sasl';
import { formatExtensions } from '../grammar/extensions.ts';
import type { SmtpLoginOptions } from './options.ts';

/** `AUTH`, the longest mechanism name (RFC 4422 §3.1), two blanks. */
const AUTH_OVERHEAD_BYTES = 26;

/** The offer of one connection; made anew when TLS comes up. */
export class LoginOffer {
  readonly #options: SmtpLoginOptions;
  readonly isEncrypted: boolean;
  readonly mechanisms: readonly SaslMechanism[];
  readonly surroundings: SaslSurroundings;
  /** Without TLS nobody logs in, by whatever mechanism. */
  readonly needsTls: boolean;
  /** The longest AUTH command that is taken. */
  readonly authCommandBytes: number;

  constructor(options: SmtpLoginOptions, isEncrypted: boolean) {
    const { loginType, surroundings } = options;
    const canBind = surroundings.findChannelBinding !== undefined;
    const connection = { isEncrypted, loginType, canBind };
    this.#options = options;
    this.isEncrypted = isEncrypted;
    this.mechanisms = offeredMechanisms(options.mechanisms, connection);
    this.surroundings = surroundingsOfOffer(this.mechanisms, surroundings);
    this.needsTls = !isLoginAllowed(false, connection);
    const longest = Math.max(0, ...this.mechanisms.map((row) => row.responseLimitBytes));
    this.authCommandBytes = Math.max(
      options.commandBytes,
      AUTH_OVERHEAD_BYTES + base64LineBytes(longest),
    );
  }

  /** The answer to EHLO. */
  formatExtensions(): string {
    const { serverName, messageBytes, offersStartTls } = this.#options;
    return formatExtensions({
      serverName,
      messageBytes,
      // RFC 3207 §4.2: not offered again under TLS.
      offersStartTls: offersStartTls && !this.isEncrypted,
      mechanisms: this.mechanisms.map(({ name }) => name),
    });
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
