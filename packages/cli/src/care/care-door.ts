/**
 * The way to whoever cares for mailboxes: the worker that owns them, by its control port; or, with
 * `--volume`, this process itself, on the volume of a site that is down.
 */
import { join } from 'node:path';
import {
  createCareDesk,
  type CareAnswer,
  type CareDesk,
  type CareRefusal,
} from '@homeward/backend/care';
import { type AccountId, type SiteRecord, workerFor } from '@homeward/directory';
import { systemClock } from '@homeward/service';
import { DEPLOYMENT_FILES } from '../init/deployment-plan.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import type { Deployment } from '../wiring.ts';
import { type ControlFiles, openControlDesk } from './control-client.ts';

/** For how long a deleted mailbox is said to be kept where no site says it. */
const KEEP_DAYS = 30;

export interface CareOptions {
  /** Folder of the volume, on this host. */
  readonly volume?: string | undefined;
}

/** @param accountId Any worker of the site will do without. @throws OperatorError */
export async function openCareDesk(
  deployment: Pick<Deployment, 'config' | 'folder' | 'driver'>,
  home: SiteRecord['name'],
  accountId: AccountId | undefined,
  { volume }: CareOptions,
): Promise<CareDesk> {
  if (volume !== undefined) {
    const nowMs = (): number => systemClock.nowMs();
    return createCareDesk({ root: volume, keepDays: KEEP_DAYS, store: undefined, nowMs });
  }
  const site = await deployment.driver.getSite(home);
  if (site?.foreign !== undefined) {
    throw new OperatorError(
      `${home} runs other software, and its mailboxes are cared for there`,
      EXIT_CODES.refused,
    );
  }
  const worker =
    site && (accountId === undefined ? site.workers[0] : workerFor(site, accountId)?.address);
  if (site === undefined || worker === undefined) {
    throw new OperatorError(
      `the directory has no site ${home}; see homeward site list`,
      EXIT_CODES.refused,
    );
  }
  return openControlDesk(site, worker, controlFilesOf(deployment));
}

/** By what the operator is known at control ports, and they to him. */
export function controlFilesOf({
  config,
  folder,
}: Pick<Deployment, 'config' | 'folder'>): ControlFiles {
  const { certFile, keyFile } = DEPLOYMENT_FILES.operatorCertificate;
  const own = config.control ?? {
    certFile: join(folder, certFile),
    keyFile: join(folder, keyFile),
  };
  return { caFile: config.homes.caFile, ...own };
}

/** @throws OperatorError for every other answer than what was asked for. */
export function valueOf<Value>(
  answer: CareAnswer<Value>,
  what: string,
  remedies: Partial<Record<CareRefusal, string>> = {},
): Value {
  if (answer.ok) return answer.value;
  const { reason, detail } = answer;
  const remedy = remedies[reason] ?? REMEDIES[reason];
  const facts = [WORDS[reason], ...(detail === undefined ? [] : [`(${detail})`])].join(' ');
  throw new OperatorError(
    `${what}: ${facts}${remedy === '' ? '' : `; ${remedy}`}`,
    reason === 'unavailable' || reason === 'failed' ? EXIT_CODES.unavailable : EXIT_CODES.refused,
  );
}

const WORDS: Readonly<Record<CareRefusal, string>> = {
  nonexistent: 'it is not there',
  'already-exists': 'there is a mailbox already',
  locked: 'another process has it open',
  'not-this-worker': 'it is another worker’s',
  unavailable: 'the mailbox cannot be used',
  failed: 'that failed',
};

const REMEDIES: Readonly<Record<CareRefusal, string>> = {
  nonexistent: '',
  'already-exists': '',
  locked: 'leave --volume out while the site runs, or stop the site',
  'not-this-worker': 'the site’s table has changed; try again',
  unavailable: 'the site’s log has the reason',
  failed: '',
};
