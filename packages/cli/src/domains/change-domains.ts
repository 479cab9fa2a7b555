/** `homeward domain list`, `add` and `remove`: one live setting, checked on the way. */
import { type AcceptedDomains, normaliseDomainPattern } from '@homeward/directory';
import { readMailSettings } from '../addresses/mail-settings.ts';
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
  const { acceptedDomains } = readMailSettings(await deployment.driver.getSettings());
  printDomains(context, options, acceptedDomains);
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
  const { acceptedDomains } = readMailSettings(await driver.getSettings());
  const domains = await writeDomains(driver, change(acceptedDomains));
  const isFirst = Object.keys(acceptedDomains).length === 0 && Object.keys(domains).length > 0;
  printDomains(context, options, domains, isFirst ? FIRST_DOMAIN : '');
}

const NO_DOMAINS = `\
The directory has no domains, so mail.acceptedDomains of services’ files holds.
Where that is empty, too, every address that somebody here has is ours, and all
others are elsewhere.`;

/** The directory's list goes before the files' as a whole; nothing is put together. */
const FIRST_DOMAIN = `

This list holds from now on, mail.acceptedDomains of services’ files does not.`;

function printDomains(
  context: CommandContext,
  options: OperatorOptions,
  domains: AcceptedDomains,
  note = '',
): void {
  printResult(context, options, domains, () =>
    Object.keys(domains).length === 0
      ? NO_DOMAINS
      : formatTable(['domain', 'kind'], Object.entries(domains)) + note,
  );
}
