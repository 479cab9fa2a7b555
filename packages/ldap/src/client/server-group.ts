/**
 * The servers in the order of the settings. The first that can be used answers; when it fails the
 * next one is asked, within one budget, so that a login is never held up by a long list.
 */
import type { LdapConnection } from './ldap-connection.ts';
import { LdapFailure } from './ldap-failure.ts';
import { LdapServer, type LdapServerOptions, type Role } from './ldap-server.ts';

/** For one operation at all servers together; less than a login has. */
const BUDGET_MS = 3_500;

export interface ServerGroupOptions extends Omit<LdapServerOptions, 'url'> {
  readonly urls: readonly string[];
}

/** The answer of one server. */
export interface Answered<Result> {
  readonly result: Result;
  /** Which one it was. */
  readonly url: string;
}

export class ServerGroup {
  readonly #servers: readonly LdapServer[];
  readonly #elapsedMs: () => number;

  constructor({ urls, ...shared }: ServerGroupOptions) {
    this.#servers = urls.map((url) => new LdapServer({ ...shared, url }));
    this.#elapsedMs = shared.elapsedMs;
  }

  /** @throws LdapFailure that names each server and what it failed of. */
  async run<Result>(
    role: Role,
    task: (connection: LdapConnection) => Promise<Result>,
  ): Promise<Answered<Result>> {
    const startedAtMs = this.#elapsedMs();
    const failures: string[] = [];
    for (const server of this.#servers) {
      if (failures.length > 0 && this.#elapsedMs() - startedAtMs > BUDGET_MS) break;
      try {
        return { result: await server.run(role, task), url: server.url };
      } catch (error) {
        if (!(error instanceof LdapFailure)) throw error;
        failures.push(`${server.url}: ${error.message}`);
      }
    }
    throw new LdapFailure(failures.join('; ') || 'there is no server');
  }

  close(): void {
    for (const server of this.#servers) server.close();
  }
}
