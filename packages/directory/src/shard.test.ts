import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createAccountIdSource } from './account-id.ts';
import type { AccountId, SiteName, SiteRecord } from './ports.ts';
import { createShardTable, findSiteProblem, shardOf, workerFor } from './shard.ts';

function createSite(workerCount: number): SiteRecord {
  return {
    name: 'dublin' as SiteName,
    serverName: 'dublin.example.org',
    workers: Array.from({ length: workerCount }, (_, i) => ({
      host: '127.0.0.1',
      imapsPort: 1000 + i,
      pop3sPort: 2000 + i,
    })),
    shardTable: createShardTable(workerCount, 7),
    version: 1,
  };
}

describe('shardOf()', () => {
  test('is the first octet of SHA-256 of the id, for ever', () => {
    const id = '01ARYZ6S410000000000000000' as AccountId;
    expect(shardOf(id)).toBe(createHash('sha256').update(id).digest()[0]);
    expect(shardOf(id)).toBe(122);
  });

  test('spreads accounts over all shards', () => {
    const next = createAccountIdSource(Date.now, randomBytes);
    const shards = new Set(Array.from({ length: 5_000 }, () => shardOf(next())));
    expect(shards.size).toBeGreaterThan(250);
  });
});

describe('workerFor()', () => {
  const id = '01ARYZ6S410000000000000000' as AccountId;

  test('follows the table and names its version', () => {
    const site = createSite(4);
    expect(workerFor(site, id)).toEqual({
      workerIndex: 122 % 4,
      address: site.workers[122 % 4],
      shard: 122,
      tableVersion: 7,
    });
  });

  test('finds nobody where the table names a worker that is not there', () => {
    const site = { ...createSite(4), workers: [] };
    expect(workerFor(site, id)).toBeUndefined();
    expect(findSiteProblem(site)).toMatch(/no worker/);
  });
});

describe('createShardTable()', () => {
  test.each([1, 2, 3, 256])('deals 256 shards out evenly over %i workers', (workerCount) => {
    const table = createShardTable(workerCount, 1);
    const counts = Array.from({ length: workerCount }, () => 0);
    for (const index of table.workerOfShard) counts[index] = (counts[index] ?? 0) + 1;
    expect(table.workerOfShard).toHaveLength(256);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  });

  test.each([0, -1, 257, 1.5, Number.NaN])('refuses %d workers', (workerCount) => {
    expect(() => createShardTable(workerCount, 1)).toThrow(RangeError);
  });
});

describe('findSiteProblem()', () => {
  test('finds none in a good site, and names what is wrong with others', () => {
    const site = createSite(2);
    expect(findSiteProblem(site)).toBeUndefined();
    const short = { ...site, shardTable: { version: 1, workerOfShard: [0, 1] } };
    expect(findSiteProblem(short)).toMatch(/2 entries/);
    const stray = { ...site, shardTable: createShardTable(3, 1) };
    expect(findSiteProblem(stray)).toMatch(/worker 2/);
  });
});
