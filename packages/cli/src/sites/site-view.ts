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
    readonly submissionsPort: number | null;
    /** Without TLS. */
    readonly submissionPort: number | null;
    readonly lmtpsPort: number | null;
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
    workers: workers.map((worker, index) => ({
      host: worker.host,
      imapsPort: worker.imapsPort,
      pop3sPort: worker.pop3sPort,
      controlPort: worker.controlPort ?? null,
      imapPort: worker.imapPort ?? null,
      pop3Port: worker.pop3Port ?? null,
      submissionsPort: worker.submissionsPort ?? null,
      submissionPort: worker.submissionPort ?? null,
      lmtpsPort: worker.lmtpsPort ?? null,
      shardCount: shardTable.workerOfShard.filter((owner) => owner === index).length,
    })),
    foreign: site.foreign ?? null,
    shardTableVersion: shardTable.version,
    version,
  };
}
