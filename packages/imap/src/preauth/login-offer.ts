/**
 * What a connection offers before login, at this moment: which ways to log in, and what is
 * advertised (RFC 3501 §6.1.1, §6.2.1, §6.2.3): the truth, no more and no less.
 */
import { findMechanism, isLoginAllowed, offeredMechanisms } from '@homeward/sasl';
import type { SaslMechanism } from '@homeward/sasl';
import type { ResponseCode } from '../grammar/responses/response-code.ts';
import type { ImapLoginOptions } from './options.ts';

/** Made anew when TLS has started. */
export class LoginOffer {
  readonly isEncrypted: boolean;
  /** Whether LOGIN, which shows the password to who listens, may be used. */
  readonly allowsLogin: boolean;
  /** Atoms with blanks between. */
  readonly capabilities: string;
  readonly #configured: readonly string[];
  readonly #mechanisms: readonly SaslMechanism[];

  constructor(options: ImapLoginOptions, isEncrypted: boolean) {
    const connection = { isEncrypted, loginType: options.loginType };
    this.isEncrypted = isEncrypted;
    this.allowsLogin = isLoginAllowed(true, connection);
    this.#configured = options.mechanisms;
    this.#mechanisms = offeredMechanisms(options.mechanisms, connection);
    const words = [...options.capabilities];
    if (this.#mechanisms.length > 0) words.push('SASL-IR');
    if (options.offersStartTls && !isEncrypted) words.push('STARTTLS');
    if (!this.allowsLogin) words.push('LOGINDISABLED');
    words.push(...this.#mechanisms.map(({ name }) => `AUTH=${name}`));
    this.capabilities = words.join(' ');
  }

  /** For the greeting. */
  get capabilityCode(): ResponseCode {
    return { code: 'CAPABILITY', capabilities: this.capabilities };
  }

  /** Looks for a mechanism by its name, in any case. */
  findMechanism(name: string): SaslMechanism | 'not-offered' | 'needs-tls' {
    const mechanism = findMechanism(name);
    if (mechanism === undefined || !this.#configured.includes(mechanism.name)) return 'not-offered';
    return this.#mechanisms.includes(mechanism) ? mechanism : 'needs-tls';
  }
}
