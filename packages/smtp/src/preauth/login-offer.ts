/** What a connection is offered, by the server's settings and by whether TLS is up. */
import { AuthOffer } from '@homeward/sasl';
import { formatExtensions } from '../grammar/extensions.ts';
import type { SmtpLoginOptions } from './options.ts';

/** The offer of one connection; made anew when TLS comes up. */
export class LoginOffer extends AuthOffer {
  readonly #options: SmtpLoginOptions;

  constructor(options: SmtpLoginOptions, isEncrypted: boolean) {
    super(options, isEncrypted);
    this.#options = options;
  }

  /** The answer to EHLO. */
  formatExtensions(): string {
    const {
      serverName,
      messageBytes,
      extensions,
      offersStartTls,
      countsHops = false,
    } = this.#options;
    return formatExtensions({
      serverName,
      messageBytes,
      extensions,
      countsHops,
      // RFC 3207 §4.2: not offered again under TLS.
      offersStartTls: offersStartTls && !this.isEncrypted,
      mechanisms: this.mechanisms.map(({ name }) => name),
    });
  }
}
