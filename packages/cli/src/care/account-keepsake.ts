/** An account's record and secrets as text, kept beside its mailbox for a while after deletion. */
import type { AccountRecord, CredentialSet, DirectoryDriver } from '@homeward/directory';
import { z } from 'zod';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';

/** Checked as far as the directory will not: it judges the rest when the record is added. */
const keepsakeShape = z.object({
  account: z.looseObject({ id: z.string(), address: z.string(), home: z.string() }),
  credentials: z.looseObject({ argon2id: z.string() }).optional(),
});

export interface Keepsake {
  readonly account: AccountRecord;
  readonly credentials: CredentialSet | undefined;
}

export async function packAccount(
  account: AccountRecord,
  driver: Pick<DirectoryDriver, 'getCredentials'>,
): Promise<string> {
  return JSON.stringify({ account, credentials: await driver.getCredentials(account.id) });
}

/** @throws OperatorError if the text is something else. */
export function unpackAccount(text: string): Keepsake {
  try {
    const { account, credentials } = keepsakeShape.parse(JSON.parse(text));
    return {
      account: account as unknown as AccountRecord,
      credentials: credentials as unknown as CredentialSet | undefined,
    };
  } catch {
    throw new OperatorError(
      'what was kept of the account cannot be read; add it anew with homeward account add',
      EXIT_CODES.badData,
    );
  }
}
