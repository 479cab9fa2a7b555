/**
 * One connection to one server, used by one operation at a time. Every step of it has a limit;
 * after a failure it is closed and never used again.
 *
 * ldapts reconnects by itself, without TLS where that came by StartTLS. That must not happen with
 * a password in hand: a connection that is down is not used, and the look is in the same step.
 */
import { Client, type Entry, type Filter, NoSuchObjectError } from 'ldapts';
import { LdapFailure, readRefusal, toFailure } from './ldap-failure.ts';

export interface ConnectionOptions {
  readonly url: string;
  readonly tls: 'required' | 'off';
  /** PEM of the authorities to trust; the system's if undefined. */
  readonly ca: string | undefined;
  readonly operationLimitMs: number;
}

/** What is asked for. At most two entries are read: more than one is as good as none. */
export interface SearchRequest {
  readonly base: string;
  readonly scope: 'base' | 'sub';
  readonly filter: string | Filter;
  readonly attributes: readonly string[];
}

/** AD gives no more at once. */
const PAGE_SIZE = 500;

/** What a bind as a person says. */
export type BindVerdict =
  | { readonly isMatch: true }
  | { readonly isMatch: false; readonly detail: string };

export class LdapConnection {
  readonly #client: Client;
  readonly #limitMs: number;
  /** ldapts connects at the first operation, and only then may it. */
  #mayConnect: boolean;

  private constructor(client: Client, limitMs: number) {
    this.#client = client;
    this.#limitMs = limitMs;
    this.#mayConnect = true;
  }

  /** Connected, and with TLS unless that is off. @throws LdapFailure */
  static async open(options: ConnectionOptions): Promise<LdapConnection> {
    const { url, operationLimitMs } = options;
    const isSecure = url.startsWith('ldaps:');
    const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
    const tlsOptions = {
      ...(options.ca !== undefined && { ca: options.ca }),
      minVersion: 'TLSv1.2' as const,
      host,
      // No name for an address (RFC 6066 §3); the certificate is checked against it all the same.
      ...(!/^[\d.]+$|:/.test(host) && { servername: host }),
    };
    const client = new Client({
      url,
      timeout: operationLimitMs,
      connectTimeout: operationLimitMs,
      ...(isSecure && { tlsOptions }),
    });
    const connection = new LdapConnection(client, operationLimitMs);
    if (isSecure || options.tls === 'off') return connection;
    await connection.#within('StartTLS', () => client.startTLS(tlsOptions));
    return connection;
  }

  /** Whether it can still be used. */
  get isUsable(): boolean {
    return this.#client.isConnected;
  }

  /**
   * Whether the secret is the entry's. An empty secret would be an unauthenticated bind, which
   * servers may let in (RFC 4513 §5.1.2), and so would an empty DN: neither is ever sent.
   *
   * @throws LdapFailure
   */
  async bindAs(dn: string, secret: string): Promise<BindVerdict> {
    if (dn === '' || secret === '') return { isMatch: false, detail: 'empty' };
    return this.#within('bind', async () => {
      try {
        await this.#client.bind(dn, secret);
        return { isMatch: true };
      } catch (error) {
        const detail = readRefusal(error);
        if (detail === undefined) throw error;
        return { isMatch: false, detail };
      }
    });
  }

  /** Becomes the account that searches. @throws LdapFailure */
  async bindAsService(dn: string, secret: string): Promise<void> {
    const verdict = await this.bindAs(dn, secret);
    if (verdict.isMatch) return;
    this.close();
    throw new LdapFailure(`the server does not let ldap.bindDn in: ${verdict.detail}`);
  }

  /** References to other servers are not followed. @throws LdapFailure */
  async search({ base, scope, filter, attributes }: SearchRequest): Promise<readonly Entry[]> {
    return this.#within('search', async () => {
      try {
        const { searchEntries } = await this.#client.search(base, {
          scope,
          filter,
          attributes: [...attributes],
          explicitBufferAttributes: ['objectGUID', 'objectSid'],
          sizeLimit: 2,
          timeLimit: Math.ceil(this.#limitMs / 1000),
        });
        return searchEntries;
      } catch (error) {
        // That a person is not there is an answer; that the base is not is a wrong setting.
        if (scope === 'base' && error instanceof NoSuchObjectError) return [];
        throw error;
      }
    });
  }

  /**
   * Reads all entries of a subtree that a filter finds, page by page (RFC 2696).
   *
   * @param visit Is waited for before the next page is asked for.
   * @throws LdapFailure, also where the server gives no more than some of them
   */
  async searchAll(
    { base, filter, attributes }: Omit<SearchRequest, 'scope'>,
    visit: (entries: readonly Entry[]) => Promise<void>,
  ): Promise<void> {
    const pages = this.#client.searchPaginated(base, {
      scope: 'sub',
      filter,
      attributes: [...attributes],
      explicitBufferAttributes: ['objectGUID', 'objectSid'],
      paged: { pageSize: PAGE_SIZE },
    });
    for (;;) {
      const page = await this.#within('search', () => pages.next());
      if (page.done === true) return;
      await visit(page.value.searchEntries);
    }
  }

  /** At once; what is under way fails. */
  close(): void {
    // It writes a farewell where it can, and closes the socket in any case.
    this.#client.unbind().catch(() => undefined);
  }

  /** ldapts has no limit for the handshake of StartTLS, so there is one around all. */
  async #within<Result>(what: string, run: () => Promise<Result>): Promise<Result> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => late.reject(new LdapFailure(`${what}: no answer in time`)),
      this.#limitMs * 2,
    );
    try {
      if (!this.#mayConnect && !this.isUsable) throw new LdapFailure('the connection was lost');
      const running = run();
      this.#mayConnect = false;
      // If it is late, what becomes of it is nobody's any more.
      running.catch(() => undefined);
      return await Promise.race([running, late.promise]);
    } catch (error) {
      this.close();
      throw toFailure(error, what);
    } finally {
      clearTimeout(timer);
    }
  }
}
