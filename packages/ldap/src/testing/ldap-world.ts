/** Accounts from LDAP over a real slapd and an embedded directory, for tests. */
import {
  createShardTable,
  type DirectoryDriver,
  openDirectory,
  type SiteName,
  systemClock,
  VerifiedSecrets,
} from '@homeward/directory';
import { createTempFolder, type TestSlapd } from '@homeward/testkit';
import { readFile } from 'node:fs/promises';
import { SECOND_LOOK_MS } from '../accounts/entry-presence.ts';
import { LdapAccounts } from '../accounts/ldap-accounts.ts';
import type { LdapEvent } from '../accounts/ports.ts';
import { ldapSchema, type LdapSettings } from '../settings/ldap-settings.ts';

export interface LdapWorld extends AsyncDisposable {
  readonly accounts: LdapAccounts;
  readonly store: DirectoryDriver;
  readonly events: readonly LdapEvent[];
  /** Second looks at those who were missed that wait: the test runs them. */
  readonly secondLooks: (() => void)[];
  /** Looks somebody up and judges his secret, as a login does. */
  login(name: string, secret: string): Promise<string>;
}

/** Settings for a slapd; `changes` replace some. */
export function settingsFor(slapd: TestSlapd, changes: Partial<LdapSettings> = {}): LdapSettings {
  return ldapSchema.parse({
    servers: [slapd.url],
    caFile: slapd.caFile,
    bindDn: slapd.serviceDn,
    bindPasswordFile: slapd.servicePasswordFile,
    base: slapd.base,
    site: 'dublin',
    operationLimitMs: 1_500,
    ...changes,
  });
}

export async function openLdapWorld(settings: LdapSettings): Promise<LdapWorld> {
  const folder = await createTempFolder('ldap-world');
  const store = await openDirectory({ file: folder.join('directory.db') });
  for (const name of ['dublin', 'oslo'] as SiteName[]) {
    const workers = [{ host: '127.0.0.1', imapsPort: 1, pop3sPort: 2 }];
    const shardTable = createShardTable(1, 1);
    await store.putSite({ name, serverName: `${name}.test`, workers, shardTable, version: 1 });
  }
  const events: LdapEvent[] = [];
  const secondLooks: (() => void)[] = [];
  const accounts = new LdapAccounts({
    settings,
    store,
    nowMs: () => systemClock.nowMs(),
    elapsedMs: () => systemClock.elapsedMs(),
    after(delayMs, run) {
      if (delayMs < SECOND_LOOK_MS) return systemClock.after(delayMs, run);
      secondLooks.push(run);
      return () => undefined;
    },
    readFile: (file) => readFile(file, 'utf8'),
    readSecretFile: async (file) => (await readFile(file, 'utf8')).trimEnd(),
    rememberSecrets: (lifeMs) => new VerifiedSecrets(systemClock, lifeMs, 100),
    onEvent: (event: LdapEvent) => events.push(event),
  });
  return {
    accounts,
    store,
    events,
    secondLooks,
    async login(name, secret) {
      const id = await store.findAccountId(name);
      const known = id === undefined ? undefined : await store.loadLogin(id);
      const lookup = known === undefined ? await accounts.lookUp(name) : undefined;
      const record = known ?? (lookup?.kind === 'found' ? lookup.record : undefined);
      if (record === undefined) return lookup?.kind ?? 'unknown';
      const outcome = await accounts.authenticate(record, Buffer.from(secret));
      return outcome.kind === 'match' ? `match ${outcome.account.address}` : outcome.kind;
    },
    async [Symbol.asyncDispose]() {
      await accounts.close();
      await store.close();
      await folder.remove();
    },
  };
}

/** A person as LDIF, with `password-<uid>`. */
export function person(uid: string, more = ''): string {
  const base = 'ou=people,dc=example,dc=org';
  const dn = Buffer.from(`uid=${uid},${base}`).toString('base64');
  const value = Buffer.from(uid).toString('base64');
  return `
dn:: ${dn}
objectClass: inetOrgPerson
objectClass: mailPerson
uid:: ${value}
cn:: ${value}
sn:: ${value}
userPassword:: ${Buffer.from(`password-${uid}`).toString('base64')}
${more}`.trim();
}
