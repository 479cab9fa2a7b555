/** Settings of LDAP that are right each by itself, but cannot work together. */
import { findLdapProblem } from '@homeward/ldap';
import type { CheckedConfig } from './config-kind.ts';
import type { Findings } from './findings.ts';

export function checkLdap({ config, file }: CheckedConfig, { problems }: Findings): void {
  if (!('ldap' in config)) return;
  const problem = findLdapProblem(config.ldap);
  if (problem !== undefined) problems.push(`${file}: ${problem}`);
}
