/** Where a worker's queue lies: `<root>/worker-<number>/`; no two processes ever share one. */
import { join } from 'node:path';

/** Of the names of folders that are being removed. */
export const REMOVED_PREFIX = 'removed-';
const WORKER_FOLDER = /^worker-(?<index>\d{1,3})$/;

/** The paths of one queue. */
export interface QueueLayout {
  readonly root: string;
  readonly workerIndex: number;
  readonly folder: string;
  readonly database: string;
  readonly wal: string;
  readonly logIndex: string;
  readonly ownerLock: string;
  /** Files of messages that are too large for a row. */
  readonly messages: string;
}

/** @param root The folder of all queues of a site. */
export function queueLayout(root: string, workerIndex: number): QueueLayout {
  const folder = join(root, `worker-${workerIndex}`);
  const database = join(folder, 'queue.db');
  return {
    root,
    workerIndex,
    folder,
    database,
    wal: `${database}-wal`,
    logIndex: `${database}-shm`,
    ownerLock: join(folder, 'owner.lock'),
    messages: join(folder, 'messages'),
  };
}

/** @returns Whose queue a folder of that name is; undefined if it is none. */
export function workerIndexOf(folderName: string): number | undefined {
  const index = WORKER_FOLDER.exec(folderName)?.groups?.['index'];
  return index === undefined ? undefined : Number(index);
}
