/** What a connection is offered, by the server's settings and by whether TLS is up. */
import { AuthOffer } from '@homeward/sasl';
import { listCapabilities } from '../grammar/capabilities.ts';
import type { Pop3LoginOptions } from './options.ts';

/** The offer of one connection; made anew when TLS comes up. */
export class LoginOffer extends AuthOffer {
  readonly #options: Pop3LoginOptions;

  constructor(options: Pop3LoginOptions, isEncrypted: boolean) {
    super(options, isEncrypted);
    this.#options = options;
  }

  /** The lines of CAPA. */
  listCapabilities(): readonly string[] {
    const login = {
      stls: this.#options.offersStls && !this.isEncrypted,
      user: this.#options.offersUser && this.allowsSecrets,
      xclient: this.#options.countsHops === true,
      mechanisms: this.mechanisms.map(({ name }) => name),
    };
    return listCapabilities(login, this.#options.policy);
  }
}
