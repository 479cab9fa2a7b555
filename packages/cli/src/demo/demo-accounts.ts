/**
 * Puts the demo's accounts into its directory: at the sites in turn, and there at the workers
 * in turn, so that every worker owns its share whatever ids chance would have given.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import {
  type AccountRecord,
  createAccountIdSource,
  type CredentialSet,
  type DirectoryDriver,
  type PasswordService,
  type SiteRecord,
  workerFor,
} from '@homeward/directory';
import { systemClock } from '@homeward/service';
import { OperatorError } from '../output/operator-error.ts';
import { openPasswords } from '../wiring.ts';
import { DEMO_DOMAIN, type DemoPerson, listDemoPeople } from './demo-people.ts';
import { createReadablePassword } from './readable-password.ts';

/** An account with what only the demo knows of it. */
export interface DemoAccount {
  readonly role: string;
  readonly address: string;
  readonly displayName: string;
  readonly password: string;
  readonly site: string;
  readonly hasMail: boolean;
}

/**
 * Making a password's credentials takes 60 ms of one core on purpose. Ten thousand accounts
 * would take ten minutes, so from here on they share those of the first ones.
 */
const PASSWORD_COUNT = 16;

/**
 * Adds the accounts that are not there.
 *
 * @param before From an earlier run on the same data; their passwords stay.
 * @returns All of them, people first.
 */
export async function ensureDemoAccounts(
  driver: DirectoryDriver,
  sites: readonly SiteRecord[],
  accountCount: number,
  before: readonly DemoAccount[],
): Promise<readonly DemoAccount[]> {
  const people = listDemoPeople(accountCount);
  const known = new Map(before.map((account) => [account.address, account]));
  const missing = people.filter((person) => !known.has(addressOf(person)));
  if (missing.length > 0) {
    const passwords = openPasswords(Math.min(availableParallelism(), 4));
    try {
      const secrets = await createSecrets(passwords, Math.min(PASSWORD_COUNT, missing.length));
      for (const person of missing) {
        const index = people.indexOf(person);
        const secret = secrets[index % secrets.length];
        const site = sites[index % sites.length];
        if (secret === undefined || site === undefined) throw new Error('a demo without sites');
        const slot = Math.floor(index / sites.length);
        await addPerson(driver, person, site, slot, secret.credentials);
        known.set(addressOf(person), describe(person, site, secret.password));
      }
    } finally {
      await passwords.close();
    }
  }
  return people.flatMap((person) => {
    const account = known.get(addressOf(person));
    return account === undefined ? [] : [{ ...account, role: person.role }];
  });
}

function addressOf({ alias }: DemoPerson): string {
  return `${alias}@${DEMO_DOMAIN}`;
}

function describe(person: DemoPerson, site: SiteRecord, password: string): DemoAccount {
  const { role, displayName } = person;
  const address = addressOf(person);
  return { role, address, displayName, password, site: site.name, hasMail: false };
}

interface Secret {
  readonly password: string;
  readonly credentials: CredentialSet;
}

function createSecrets(passwords: PasswordService, count: number): Promise<readonly Secret[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const password = createReadablePassword(randomInt);
      const outcome = await passwords.createCredentialSet(password);
      if (!outcome.ok) throw new Error(`a demo password is ${outcome.reason}`);
      return { password, credentials: outcome.credentials };
    }),
  );
}

async function addPerson(
  driver: DirectoryDriver,
  person: DemoPerson,
  site: SiteRecord,
  slot: number,
  credentials: CredentialSet,
): Promise<void> {
  const address = addressOf(person);
  const account: AccountRecord = {
    id: chooseId(site, slot % site.workers.length),
    address,
    names: [address, person.alias, `homeward\\${person.alias}`],
    displayName: person.displayName,
    kind: person.kind,
    isEnabled: true,
    protocols: { imap: true, pop3: true, submission: true },
    home: site.name,
    epoch: 1,
    connectionLimit: undefined,
    quotaBytes: undefined,
    quotaMessages: undefined,
    delegates: [],
    version: 1,
    createdAtMs: systemClock.nowMs(),
  };
  const outcome = await driver.addAccount(account, credentials);
  if (!outcome.ok) throw new OperatorError(`${address} cannot be added: ${outcome.detail}`);
}

const createId = createAccountIdSource(() => systemClock.nowMs(), randomBytes);

/** An id whose shard this worker has; a worker among n is met after n attempts or so. */
function chooseId(site: SiteRecord, workerIndex: number): AccountRecord['id'] {
  for (let attempt = 0; attempt < 10_000; attempt += 1) {
    const id = createId();
    if (workerFor(site, id)?.workerIndex === workerIndex) return id;
  }
  throw new Error(`worker ${workerIndex} of ${site.name} owns no shard`);
}
