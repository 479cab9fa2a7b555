/**
 * The settings by which addresses are read, as far as the directory has them; what a service's own
 * file says is not known here, so the defaults stand for it.
 */
import { mailAddressSchema, type MailAddressSettings } from '@homeward/directory';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';

export const MAIL_DOMAINS_SETTING = 'mail.acceptedDomains';
const SEPARATOR_SETTING = 'mail.detailSeparator';

/** @throws OperatorError if a setting is none that the services would take. */
export function readMailSettings(settings: Readonly<Record<string, unknown>>): MailAddressSettings {
  const parsed = mailAddressSchema.safeParse({
    acceptedDomains: settings[MAIL_DOMAINS_SETTING],
    detailSeparator: settings[SEPARATOR_SETTING],
  });
  if (parsed.success) return parsed.data;
  const name = `mail.${String(parsed.error.issues[0]?.path[0] ?? '')}`;
  throw new OperatorError(
    `the setting ${name} is not possible, and services ignore it; ` +
      `homeward settings unset ${name} removes it`,
    EXIT_CODES.refused,
  );
}
