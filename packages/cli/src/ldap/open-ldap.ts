/** LDAP with the settings that the front ends have: those of the directory over homeward.yaml's. */
import { findLdapProblem, ldapSchema, type LdapAccounts, type LdapSettings } from '@homeward/ldap';
import { overrideSettings } from '@homeward/service';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { createLdapAccounts, type Deployment } from '../wiring.ts';

export interface OpenedLdap extends AsyncDisposable {
  readonly accounts: LdapAccounts;
  readonly settings: LdapSettings;
}

/** The caller disposes of it. @throws OperatorError if LDAP is not set up. */
export async function openLdap({ driver, config }: Deployment): Promise<OpenedLdap> {
  const document = await driver.getSettings();
  const forms = { ldap: ldapSchema };
  const { values, problems } = overrideSettings(forms, { ldap: config.ldap }, document);
  const settings = values.ldap;
  const problem =
    problems.map(({ name, text }) => `${name} of the directory ${text}`)[0] ??
    (settings.servers.length === 0
      ? 'LDAP is not set up: set ldap.servers, by homeward settings or in homeward.yaml'
      : findLdapProblem(settings));
  if (problem !== undefined) throw new OperatorError(problem, EXIT_CODES.configuration);
  const accounts = createLdapAccounts(settings, driver);
  return { accounts, settings, [Symbol.asyncDispose]: () => accounts.close() };
}
