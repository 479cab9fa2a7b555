/**
 * The accounts of a login storm, and what a front end that died has left about them in the
 * directory: where they are at home, and for most of them that their password was right today.
 */
import { randomBytes } from 'node:crypto';
import {
  type AccountRecord,
  createAccountIdSource,
  createPasswordService,
  createSharedSecrets,
  type DirectoryDriver,
  lanesOf,
  type SiteName,
} from '@homeward/directory';

export const STORM_PASSWORD = 'correct horse';

/** How well the surviving front end knows an account's client. */
export type Acquaintance =
  /** It was logged in today. */
  | 'today'
  /** From a network where the account is at home, but its password has to be verified. */
  | 'at-home'
  /** From anywhere. */
  | 'stranger';

export interface StormClient {
  readonly name: string;
  readonly acquaintance: Acquaintance;
  /** The client's own address. */
  readonly from: string;
}

const HOME_ADDRESS = '127.0.0.1';
const BATCH = 200;
const DAY_MS = 86_400_000;

/** Of ten clients eight are known of today, one is at home, one is a stranger. */
function acquaintanceOf(index: number): Acquaintance {
  if (index % 10 === 0) return 'stranger';
  return index % 10 === 1 ? 'at-home' : 'today';
}

/** All have one hash, since making thousands would take minutes; each costs a login the same. */
export async function addStormAccounts(
  directory: DirectoryDriver,
  count: number,
  commonKey: Uint8Array,
): Promise<readonly StormClient[]> {
  const passwords = createPasswordService({ scramIterationCount: 4096 });
  const made = await passwords.createCredentialSet(STORM_PASSWORD);
  await passwords.close();
  if (!made.ok) throw new Error(`no credentials: ${made.reason}`);
  const { credentials } = made;
  const shared = createSharedSecrets(directory.throttle, async () => commonKey);
  const nextId = createAccountIdSource(Date.now, randomBytes);
  const clients: StormClient[] = [];
  const add = async (index: number): Promise<void> => {
    const acquaintance = acquaintanceOf(index);
    const name = `user${index}@example.net`;
    const from = acquaintance === 'stranger' ? strangeAddress(index) : HOME_ADDRESS;
    clients[index] = { name, acquaintance, from };
    const account = accountOf(name, nextId());
    await directory.addAccount(account, credentials);
    if (acquaintance === 'stranger') return;
    const network = `${from}/32`;
    const { networks } = lanesOf(account.id, network);
    await directory.throttle.note(networks, network, { lifeMs: 30 * DAY_MS, limit: 64 });
    if (acquaintance === 'at-home') return;
    const login = { account, credentials };
    const mark = await shared.markOf(login, Buffer.from(STORM_PASSWORD));
    if (mark !== undefined) await shared.add(login, mark);
  };
  for (let start = 0; start < count; start += BATCH) {
    const size = Math.min(BATCH, count - start);
    await Promise.all(Array.from({ length: size }, (_, offset) => add(start + offset)));
  }
  return clients;
}

function strangeAddress(index: number): string {
  return `127.1.${(index >> 8) & 0xff}.${index & 0xff || 1}`;
}

function accountOf(address: string, id: AccountRecord['id']): AccountRecord {
  return {
    id,
    address,
    names: [address],
    displayName: undefined,
    kind: 'user',
    isEnabled: true,
    protocols: { imap: true, pop3: true, submission: true },
    home: 'dublin' as SiteName,
    epoch: 1,
    connectionLimit: undefined,
    quotaBytes: undefined,
    quotaMessages: undefined,
    delegates: [],
    version: 1,
    createdAtMs: Date.now(),
  };
}
