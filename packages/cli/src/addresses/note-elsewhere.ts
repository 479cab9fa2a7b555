/** Says of an account's addresses those whose mail does not come here: their domains are not ours. */
import {
  type AccountRecord,
  type DirectoryDriver,
  DirectoryUnavailableError,
} from '@homeward/directory';
import type { CommandContext } from '../commands/command-context.ts';
import { OperatorError } from '../output/operator-error.ts';
import { openMailAddresses } from '../wiring.ts';
import { readMailSettings } from './mail-settings.ts';

/** What was done stays done: this is said beside the result, and changes no exit code. */
export async function noteElsewhere(
  { console }: Pick<CommandContext, 'console'>,
  driver: DirectoryDriver,
  { kind, names }: Pick<AccountRecord, 'kind' | 'names'>,
): Promise<void> {
  // Others get no mail anywhere.
  if (kind !== 'user' && kind !== 'shared') return;
  try {
    for (const address of await findElsewhere(driver, names)) {
      const domain = address.slice(address.lastIndexOf('@') + 1);
      console.note(
        `Mail for ${address} goes elsewhere: ${domain} is not among the accepted domains. ` +
          `If it is yours: homeward domain add ${domain}`,
      );
    }
  } catch (error) {
    if (error instanceof OperatorError) console.note(error.message);
    else if (error instanceof DirectoryUnavailableError) {
      console.note(`Whether mail for it comes here could not be looked up: ${error.message}`);
    } else throw error;
  }
}

async function findElsewhere(
  driver: DirectoryDriver,
  names: readonly string[],
): Promise<readonly string[]> {
  const settings = readMailSettings(await driver.getSettings());
  if (Object.keys(settings.acceptedDomains).length === 0) return [];
  const opened = openMailAddresses(driver, settings);
  try {
    const found: string[] = [];
    for (const name of names.filter((one) => one.includes('@'))) {
      const { kind } = await opened.addresses.resolveRecipient(name);
      if (kind === 'elsewhere') found.push(name);
    }
    return found;
  } finally {
    opened.close();
  }
}
