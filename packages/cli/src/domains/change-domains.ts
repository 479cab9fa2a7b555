/** `homeward domain list`, `add` and `remove`: one live setting, checked on the way. */
import { type AcceptedDomains, normaliseDomainPattern } from '@homeward/directory';
import { MAIL_DOMAINS_SETTING, readMailSettings } from '../addresses/mail-settings.ts';
import {
  type CommandContext,
  type OperatorOptions,
  printResult,
} from '../commands/command-context.ts';
import { formatTable } from '../output/format-table.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { openDeployment } from '../wiring.ts';
import { parseDomain, writeDomains } from './accepted-domains.ts';

export async function listDomains(
  context: CommandContext,
  options: OperatorOptions,
): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  const settings = await deployment.driver.getSettings();
  const { acceptedDomains } = readMailSettings(settings);
  const none = settings[MAIL_DOMAINS_SETTING] === undefined ? NO_LIST : EMPTY_LIST;
  printDomains(context, options, acceptedDomains, { none });
}

/** @throws OperatorError if it is no domain. */
export async function addDomain(
  context: CommandContext,
  typed: string,
  options: OperatorOptions & { readonly kind: string },
): Promise<void> {
  const domain = parseDomain(typed, EXIT_CODES.refused);
  await changeDomains(context, options, (domains) => ({ ...domains, [domain]: options.kind }));
}

/** @throws OperatorError if it is not there. */
export async function removeDomain(
  context: CommandContext,
  typed: string,
  options: OperatorOptions,
): Promise<void> {
  const domain = normaliseDomainPattern(typed);
  await changeDomains(context, options, (domains) => {
    const kept = Object.entries(domains).filter(([one]) => normaliseDomainPattern(one) !== domain);
    if (kept.length < Object.keys(domains).length) return Object.fromEntries(kept);
    const text = `${typed} is not among the domains; see homeward domain list`;
    throw new OperatorError(text, EXIT_CODES.refused);
  });
}

async function changeDomains(
  context: CommandContext,
  options: OperatorOptions,
  change: (domains: AcceptedDomains) => Readonly<Record<string, string>>,
): Promise<void> {
  await using deployment = await openDeployment(options.config, context.environment);
  const { driver } = deployment;
  const settings = await driver.getSettings();
  const { acceptedDomains } = readMailSettings(settings);
  const domains = await writeDomains(driver, change(acceptedDomains));
  const note = settings[MAIL_DOMAINS_SETTING] === undefined ? FIRST_DOMAIN : '';
  printDomains(context, options, domains, { none: NO_LIST, note });
}

const NO_LIST = `\
The directory has no domains, so mail.acceptedDomains of services’ files holds.
Where that is empty, too, every address that somebody here has is ours, and all
others are elsewhere.`;

/** By `homeward settings set`; it goes before the files', too. */
const EMPTY_LIST = `\
The directory’s list of domains is empty, and mail.acceptedDomains of services’
files does not hold: every address that somebody here has is ours, and all
others are elsewhere. To have the files’ lists hold:
homeward settings unset ${MAIL_DOMAINS_SETTING}`;

/** The directory's list goes before the files' as a whole; nothing is put together. */
const FIRST_DOMAIN = `

This list holds from now on, mail.acceptedDomains of services’ files does not.`;

function printDomains(
  context: CommandContext,
  options: OperatorOptions,
  domains: AcceptedDomains,
  { none, note = '' }: { readonly none: string; readonly note?: string },
): void {
  printResult(context, options, domains, () =>
    Object.keys(domains).length === 0
      ? none
      : formatTable(['domain', 'kind'], Object.entries(domains)) + note,
  );
}
