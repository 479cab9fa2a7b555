/**
 * Which worker of a site owns an account's mailbox. The 256 shards are fixed for ever (first
 * octet of SHA-256 of the account id); which worker has a shard is data in the site record,
 * versioned, so that two processes that disagree can say by which table they judge.
 */
import { hash } from 'node:crypto';
import type { AccountId, SiteRecord, WorkerAddress } from './ports.ts';
import { findForeignProblem } from './sites/foreign-site.ts';

export const SHARD_COUNT = 256;

/** The account's shard, 0 to 255. */
export function shardOf(accountId: AccountId): number {
  return Number.parseInt(hash('sha256', accountId, 'hex').slice(0, 2), 16);
}

/** The owner of an account's mailbox within its site. */
export interface ShardOwner {
  /** Index in the site's `workers`. */
  readonly workerIndex: number;
  readonly address: WorkerAddress;
  readonly shard: number;
  readonly tableVersion: number;
}

/** Who owns the account at this site; undefined if the table names no worker that exists. */
export function workerFor(site: SiteRecord, accountId: AccountId): ShardOwner | undefined {
  const shard = shardOf(accountId);
  const workerIndex = site.shardTable.workerOfShard[shard];
  const address = workerIndex === undefined ? undefined : site.workers[workerIndex];
  if (workerIndex === undefined || address === undefined) return undefined;
  return { workerIndex, address, shard, tableVersion: site.shardTable.version };
}

/** A table that deals the shards out evenly over `workerCount` workers. */
export function createShardTable(workerCount: number, version: number): SiteRecord['shardTable'] {
  if (!Number.isInteger(workerCount) || workerCount < 1 || workerCount > SHARD_COUNT) {
    throw new RangeError(`A site has 1 to ${SHARD_COUNT} workers, not ${workerCount}`);
  }
  return {
    version,
    workerOfShard: Array.from({ length: SHARD_COUNT }, (_, shard) => shard % workerCount),
  };
}

/** What is wrong with a site record, in a sentence; undefined if it can be stored. */
export function findSiteProblem(site: SiteRecord): string | undefined {
  if (site.foreign !== undefined) {
    const hasNone = site.workers.length === 0 && site.shardTable.workerOfShard.length === 0;
    return hasNone ? findForeignProblem(site.foreign) : 'a site of other software has no workers';
  }
  if (site.workers.length === 0) return 'the site has no worker';
  const table = site.shardTable.workerOfShard;
  if (table.length !== SHARD_COUNT) return `the shard table has ${table.length} entries, not 256`;
  const stray = table.find((index) => site.workers[index] === undefined);
  return stray === undefined ? undefined : `the shard table names worker ${stray}, not there`;
}
