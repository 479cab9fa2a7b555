/** Ticket keys as commands show them; never a private half. */
import type { FrontEndKey } from '@homeward/directory';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';

/** The form of `--json`; a contract with scripts. */
export interface KeyView {
  readonly keyId: string;
  readonly label: string;
  readonly createdAt: string;
  readonly revokedAt: string | null;
  /** Whether it is the one by which this command line opens mailboxes. */
  readonly own: boolean;
}

export function viewKey(key: FrontEndKey, ownKeyId: string): KeyView {
  const { keyId, label, createdAtMs, revokedAtMs } = key;
  return {
    keyId,
    label,
    createdAt: new Date(createdAtMs).toISOString(),
    revokedAt: revokedAtMs === undefined ? null : new Date(revokedAtMs).toISOString(),
    own: keyId === ownKeyId,
  };
}

/**
 * By id, or by a label that only one key in use has.
 *
 * @throws OperatorError if there is none, or more than one.
 */
export function findKey(keys: readonly FrontEndKey[], which: string): FrontEndKey {
  const byId = keys.find(({ keyId }) => keyId === which);
  if (byId !== undefined) return byId;
  const labelled = keys.filter(
    ({ label, revokedAtMs }) => label === which && revokedAtMs === undefined,
  );
  const [only, ...others] = labelled;
  if (only !== undefined && others.length === 0) return only;
  const ids = labelled.map(({ keyId }) => keyId).join(', ');
  throw new OperatorError(
    only === undefined
      ? `there is no ticket key ${which}; see homeward ticket-key list`
      : `${labelled.length} keys in use are labelled ${which}; give the id of one: ${ids}`,
    EXIT_CODES.refused,
  );
}
