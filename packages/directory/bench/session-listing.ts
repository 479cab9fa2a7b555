/**
 * How long it takes to look through a hundred thousand live sessions, in Redis and in a file:
 * `node packages/directory/bench/session-listing.ts [redis://…]`. Without a URL it starts a Redis.
 */
import { createTempFolder, startRedis } from '@homeward/testkit';
import {
  openEmbeddedDirectory,
  openRedisDirectory,
  type AccountId,
  type DirectoryDriver,
  type SessionQuery,
  type SiteName,
} from '../src/index.ts';

const SESSIONS = 100_000;
const LEASES = 8;
const ROUNDS = 5;
/** Filling a file leaves no time for renewals. */
const LEASE_LIFE_MS = 600_000;

await using folder = await createTempFolder('listing');
await using redis = process.argv[2] === undefined ? await startRedis() : undefined;
const url = process.argv[2] ?? redis?.url ?? '';
await measure(
  'Redis',
  await openRedisDirectory({
    url,
    keyPrefix: `bench-${process.pid}`,
    leaseLifeMs: LEASE_LIFE_MS,
    foundsWhenEmpty: true,
  }),
);
await measure(
  'file',
  await openEmbeddedDirectory({ file: folder.join('directory.db'), leaseLifeMs: LEASE_LIFE_MS }),
);

async function measure(name: string, driver: DirectoryDriver): Promise<void> {
  await fill(driver);
  const queries: readonly (readonly [string, SessionQuery, number])[] = [
    ['list 100', {}, 100],
    ['list by account', { accountId: accountId(7) }, 100],
    ['list by site', { site: 'site3' as SiteName }, 100],
    ['count by protocol', { protocol: 'pop3' }, 0],
    ['count by network', { isFrom: (address) => address.startsWith('10.0.7.') }, 0],
  ];
  for (const [what, query, limit] of queries) {
    let found = 0;
    await time(`${name}: ${what}`, async () => {
      const page = await driver.operations.listSessions(query, { after: undefined, limit });
      found = page.totalCount;
    });
    if (found === 0) throw new Error(`${what} found nothing`);
  }
  await time(`${name}: count all`, () => driver.operations.listLeases());
  await driver.close();
}

async function fill(driver: DirectoryDriver): Promise<void> {
  for (let lease = 0; lease < LEASES; lease += 1) {
    const opened = await driver.openLease(`fe${lease}-1-0123abcd`);
    const claims: Promise<number>[] = [];
    for (let index = lease; index < SESSIONS; index += LEASES) {
      const id = accountId(index % 40_000);
      claims.push(
        opened.claim({
          conversationId: `C${String(index).padStart(11, '0')}`,
          accountId: id,
          mailboxId: id,
          protocol: index % 10 === 0 ? 'pop3' : 'imap',
          site: `site${index % 16}` as SiteName,
          clientAddress: `10.${index % 3}.${index % 251}.${index % 199}`,
          startedAtMs: 1,
        }),
      );
      if (claims.length % 500 === 0) await Promise.all(claims.splice(0));
    }
    await Promise.all(claims);
  }
}

function accountId(index: number): AccountId {
  return `01JD${String(index).padStart(22, '0')}` as AccountId;
}

async function time(what: string, run: () => Promise<unknown>): Promise<void> {
  const taken: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const startedMs = performance.now();
    await run();
    taken.push(performance.now() - startedMs);
  }
  const median = taken.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
  process.stdout.write(`${what.padEnd(28)} ${median.toFixed(0).padStart(6)} ms\n`);
}
