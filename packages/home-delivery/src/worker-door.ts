/** Where a worker takes mail, as its site's record has it. */
import type { SiteRecord } from '@homeward/directory';

export interface WorkerDoor {
  readonly host: string;
  readonly port: number;
  /** The name that its certificate must carry. */
  readonly serverName: string;
}

/** @returns Nothing for a worker that takes no mail, or is not there. */
export function findWorkerDoor(
  { workers, serverName }: Pick<SiteRecord, 'workers' | 'serverName'>,
  workerIndex: number,
): WorkerDoor | undefined {
  const worker = workers[workerIndex];
  if (worker?.lmtpsPort === undefined) return undefined;
  return { host: worker.host, port: worker.lmtpsPort, serverName };
}
