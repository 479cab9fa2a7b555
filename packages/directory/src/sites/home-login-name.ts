/** The name by which an account is known at a site of other software. */
import type { AccountRecord } from '../ports.ts';
import type { ForeignSite } from './foreign-site.ts';

/** @returns The account's own name for its home if it has one, else what the template makes. */
export function homeLoginName(
  { loginName }: Pick<ForeignSite, 'loginName'>,
  { address, homeLogin }: Pick<AccountRecord, 'address' | 'homeLogin'>,
): string {
  if (homeLogin !== undefined) return homeLogin;
  const at = address.lastIndexOf('@');
  const words: Readonly<Record<string, string>> = {
    '{address}': address,
    '{local}': address.slice(0, at),
    '{domain}': address.slice(at + 1),
  };
  return loginName.replaceAll(/\{[a-z]+\}/g, (word) => words[word] ?? word);
}
