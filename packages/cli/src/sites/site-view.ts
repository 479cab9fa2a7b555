/** A site as commands show it. */
import type { SiteRecord } from '@homeward/directory';

/** The form of `--json`; a contract with scripts. */
export interface SiteView {
  readonly name: string;
  readonly serverName: string;
  readonly workers: readonly {
    readonly host: string;
    readonly imapsPort: number;
    readonly pop3sPort: number;
    readonly controlPort: number | null;
    /** Of 256. */
    readonly shardCount: number;
  }[];
  readonly shardTableVersion: number;
  readonly version: number;
}

export function viewSite({ name, serverName, workers, shardTable, version }: SiteRecord): SiteView {
  return {
    name,
    serverName,
    workers: workers.map(({ host, imapsPort, pop3sPort, controlPort }, index) => ({
      host,
      imapsPort,
      pop3sPort,
      controlPort: controlPort ?? null,
      shardCount: shardTable.workerOfShard.filter((worker) => worker === index).length,
    })),
    shardTableVersion: shardTable.version,
    version,
  };
}
