/** `runSync()` over people who are made up; with a real server in `ldap-commands.peers.test.ts`. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { AccountRecord } from '@homeward/directory';
import type { LdapEntry } from '@homeward/ldap';
import { describe, expect, test } from 'vitest';
import type { OpenedLdap } from './open-ldap.ts';
import { runSync, type SyncOutcome, type SyncRun } from './run-sync.ts';

type Name = string | undefined;

interface Person {
  readonly index: number;
  /** What the directory says; undefined: no account. */
  readonly account: Name;
  /** What LDAP says; undefined: no entry. */
  readonly entry: Name;
}

/** @param ask Called before each look at a person: how he is then. */
function createRun(count: number, ask: (index: number) => Omit<Person, 'index'>): SyncRun {
  const accountOf = (index: number): AccountRecord | undefined => {
    const { account } = ask(index);
    if (account === undefined) return undefined;
    const address = `person.${index}@example.org`;
    const ldap = { entryId: String(index), loginName: undefined, state: 'present' };
    const names = [address, `person${index}`, `p.${index}@example.org`];
    const record = { id: String(index), address, names, displayName: account, ldap };
    return JSON.parse(JSON.stringify(record)) as AccountRecord;
  };
  const accounts = {
    directory: {
      findById(id: string) {
        const { entry: displayName } = ask(Number(id));
        if (displayName === undefined) return Promise.resolve({ kind: 'unknown' });
        const text = JSON.stringify({ dn: `uid=${id},dc=example,dc=org`, id, displayName });
        return Promise.resolve({ kind: 'found', entry: JSON.parse(text) as LdapEntry });
      },
    },
    wouldChange: (account: AccountRecord, entry: LdapEntry) => ({
      ok: true,
      change: account.displayName === entry.displayName ? 'none' : 'changed',
    }),
    follow: () => Promise.resolve({ ok: true, change: 'changed' }),
  };
  return {
    driver: {
      getAccount: (id) => Promise.resolve(accountOf(Number(id))),
      listAccounts({ after, limit }) {
        const start = after === undefined ? 0 : Number(/\d+/.exec(after)?.[0]) + 1;
        const length = Math.max(0, Math.min(limit, count - start));
        const page = Array.from({ length }, (_, offset) => accountOf(start + offset));
        return Promise.resolve(page.filter((account) => account !== undefined));
      },
    },
    ldap: { accounts, settings: {} } as unknown as OpenedLdap,
    onOutcome() {},
  };
}

test('runSync() holds next to nothing of those it looks at', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const count = 20_000;
  const heapBytes: number[] = [];
  const run = createRun(count, (index) => {
    if (index === 0 || index === count - 1) {
      collect();
      heapBytes.push(process.memoryUsage().heapUsed);
    }
    return { account: 'Somebody', entry: index % 100 === 0 ? 'Renamed' : 'Somebody' };
  });
  expect(await runSync(run)).toBe(count);
  // Records and entries had 10 MB.
  expect(Math.max(...heapBytes) - (heapBytes[0] ?? 0)).toBeLessThan(5_000_000);
});

describe('runSync() goes by how somebody is when his turn comes', () => {
  const there = { account: 'Anna', entry: 'Anna' };
  const renamed = { account: 'Anna', entry: 'Anne' };
  const gone = { account: 'Anna', entry: undefined };
  const deleted = { account: undefined, entry: undefined };
  test.each([
    ['renamed', renamed, renamed, ['changed']],
    ['renamed, then gone', renamed, gone, []],
    ['renamed, then deleted', renamed, deleted, []],
    ['gone', gone, gone, ['gone']],
    ['gone, then back', gone, there, []],
    ['gone, then deleted', gone, deleted, []],
  ])('%s', async (_what, first, then, changes) => {
    let lookCount = 0;
    // Once for the account and once for its entry.
    const run = createRun(1, () => ((lookCount += 1) <= 2 ? first : then));
    const outcomes: SyncOutcome[] = [];
    expect(await runSync({ ...run, onOutcome: (one) => outcomes.push(one) })).toBe(1);
    expect(outcomes.map(({ change }) => change)).toEqual(changes);
  });
});
