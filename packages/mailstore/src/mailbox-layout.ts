/**
 * Where things lie: `root/<2 hex>/<account id>/`, one folder for each account, spread by a
 * hash so that no folder of the volume gets too long. Two accounts never share a file.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';

/** Account ids are file names here: letters, digits, "-", "_" and inner dots. */
const ACCOUNT_ID = /^[A-Za-z0-9_-](?:[A-Za-z0-9._-]{0,126}[A-Za-z0-9_-])?$/;

/** The paths of one mailbox. */
export interface MailboxLayout {
  readonly spreadFolder: string;
  readonly folder: string;
  readonly database: string;
  readonly wal: string;
  readonly logIndex: string;
  readonly ownerLock: string;
  readonly messages: string;
  readonly textIndex: string;
  /** Files without a row, put aside: `<ms>-<name>`. */
  readonly lost: string;
}

/** @returns undefined if the account id cannot name a folder. */
export function mailboxLayout(root: string, accountId: string): MailboxLayout | undefined {
  if (!ACCOUNT_ID.test(accountId)) return undefined;
  const spread = createHash('sha256').update(accountId).digest('hex').slice(0, 2);
  const spreadFolder = join(root, spread);
  const folder = join(spreadFolder, accountId);
  const database = join(folder, 'mailbox.db');
  return {
    spreadFolder,
    folder,
    database,
    wal: `${database}-wal`,
    logIndex: `${database}-shm`,
    ownerLock: join(folder, 'owner.lock'),
    messages: join(folder, 'messages'),
    textIndex: join(folder, 'text.db'),
    lost: join(folder, 'lost'),
  };
}
