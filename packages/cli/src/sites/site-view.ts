/** A site as commands show it. */
import type { ForeignSite, SiteRecord } from '@homeward/directory';

/** The form of `--json`; a contract with scripts. */
export interface SiteView {
  readonly name: string;
  readonly serverName: string;
  readonly workers: readonly {
    readonly host: string;
    readonly imapsPort: number;
    readonly pop3sPort: number;
    readonly controlPort: number | null;
    /** Without TLS. */
    readonly imapPort: number | null;
    readonly pop3Port: number | null;
    /** Of 256. */
    readonly shardCount: number;
  }[];
  /** How to go there, if it runs other software; else null. */
  readonly foreign: ForeignSite | null;
  readonly shardTableVersion: number;
  readonly version: number;
}

export function viewSite(site: SiteRecord): SiteView {
  const { name, serverName, workers, shardTable, version } = site;
  return {
    name,
    serverName,
    workers: workers.map(
      ({ host, imapsPort, pop3sPort, controlPort, imapPort, pop3Port }, index) => ({
        host,
        imapsPort,
        pop3sPort,
        controlPort: controlPort ?? null,
        imapPort: imapPort ?? null,
        pop3Port: pop3Port ?? null,
        shardCount: shardTable.workerOfShard.filter((worker) => worker === index).length,
      }),
    ),
    foreign: site.foreign ?? null,
    shardTableVersion: shardTable.version,
    version,
  };
}
