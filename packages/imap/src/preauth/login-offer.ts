/**
 * What a connection offers before login, at this moment: which ways to log in, and what is
 * advertised (RFC 3501 §6.1.1, §6.2.1, §6.2.3): the truth, no more and no less.
 */
import {
  findMechanism,
  isLoginAllowed,
  offeredMechanisms,
  surroundingsOfOffer,
} from '@homeward/sasl';
import type { SaslMechanism, SaslSurroundings } from '@homeward/sasl';
import type { ResponseCode } from '../grammar/responses/response-code.ts';
import type { ImapLoginOptions } from './options.ts';

/** Made anew when TLS has started. */
export class LoginOffer {
  readonly isEncrypted: boolean;
  /**
   * Whether LOGIN may be used, which shows the password to who listens: `no` where PLAIN and the
   * mechanism LOGIN are not configured either.
   */
  readonly login: 'yes' | 'needs-tls' | 'no';
  readonly surroundings: SaslSurroundings;
  /** Atoms with blanks between. */
  readonly capabilities: string;
  readonly #configured: readonly string[];
  readonly #mechanisms: readonly SaslMechanism[];

  constructor(options: ImapLoginOptions, isEncrypted: boolean) {
    const { loginType, alwaysOffered, surroundings } = options;
    const canBind = surroundings.findChannelBinding !== undefined;
    const connection = { isEncrypted, loginType, canBind, alwaysOffered };
    this.isEncrypted = isEncrypted;
    const takesPasswords = options.mechanisms.some((name) => name === 'PLAIN' || name === 'LOGIN');
    const isAllowed = isLoginAllowed(true, connection);
    this.login = takesPasswords ? (isAllowed ? 'yes' : 'needs-tls') : 'no';
    this.#configured = options.mechanisms;
    this.#mechanisms = offeredMechanisms(options.mechanisms, connection);
    this.surroundings = surroundingsOfOffer(this.#mechanisms, surroundings);
    const words = [...options.capabilities];
    if (this.#mechanisms.length > 0) words.push('SASL-IR');
    if (options.offersStartTls && !isEncrypted) words.push('STARTTLS');
    if (this.login !== 'yes') words.push('LOGINDISABLED');
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
