/** The setting `mail.acceptedDomains` in the directory, checked as the services will. */
import {
  type AcceptedDomains,
  type DirectoryDriver,
  isAcceptedDomainPattern,
  normaliseDomainPattern,
} from '@homeward/directory';
import { MAIL_DOMAINS_SETTING } from '../addresses/mail-settings.ts';
import { type ExitCode, OperatorError } from '../output/operator-error.ts';
import { parseSettingValue } from '../settings/known-settings.ts';

/** As the setting has it. @param code What the command ends with if it is none. */
export function parseDomain(typed: string, code: ExitCode): string {
  const domain = normaliseDomainPattern(typed);
  if (isAcceptedDomainPattern(domain)) return domain;
  const text = `${typed} is no domain; write example.org, "*.example.org" or "*"`;
  throw new OperatorError(text, code);
}

/** Without any the setting is removed. @throws OperatorError if services would not take it. */
export async function writeDomains(
  driver: Pick<DirectoryDriver, 'setSetting'>,
  domains: Readonly<Record<string, string>>,
): Promise<AcceptedDomains> {
  const isEmpty = Object.keys(domains).length === 0;
  const value = parseSettingValue(MAIL_DOMAINS_SETTING, JSON.stringify(domains));
  await driver.setSetting(MAIL_DOMAINS_SETTING, isEmpty ? undefined : value);
  return value as AcceptedDomains;
}
