/** A site that an operator names. */
import { type DirectoryDriver, parseSiteName, type SiteRecord } from '@homeward/directory';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';

/** @throws OperatorError if there is none of that name. */
export async function getSite(
  driver: Pick<DirectoryDriver, 'getSite'>,
  typed: string,
): Promise<SiteRecord> {
  const name = parseSiteName(typed);
  const site = name && (await driver.getSite(name));
  if (site !== undefined) return site;
  throw new OperatorError(`there is no site ${typed}; see homeward site list`, EXIT_CODES.refused);
}
