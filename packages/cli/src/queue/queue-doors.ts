/** The way to the queues of sites: the control port of each worker. */
import type { QueueAnswer, QueueJob, QueueValues } from '@homeward/mail-queue';
import { parseSiteName, type SiteRecord } from '@homeward/directory';
import { controlFilesOf } from '../care/care-door.ts';
import { askWorker } from '../care/control-client.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import type { Deployment } from '../wiring.ts';

/** One worker's queue, and those that it has adopted. */
export interface QueueDoor {
  readonly site: SiteRecord['name'];
  readonly workerIndex: number;
  /** @throws OperatorError if there is no answer, or the queue cannot be used. */
  ask<Kind extends QueueJob['kind']>(
    job: Extract<QueueJob, { readonly kind: Kind }>,
  ): Promise<QueueValues[Kind] | undefined>;
}

/** @param siteName Of this site only. @throws OperatorError if there is no such site. */
export async function openQueueDoors(
  deployment: Pick<Deployment, 'config' | 'folder' | 'driver'>,
  siteName: string | undefined,
): Promise<readonly QueueDoor[]> {
  const sites = await findSites(deployment, siteName);
  return sites.flatMap((site) =>
    site.workers.map((worker, workerIndex) => ({
      site: site.name,
      workerIndex,
      async ask<Kind extends QueueJob['kind']>(job: Extract<QueueJob, { readonly kind: Kind }>) {
        const files = controlFilesOf(deployment);
        const answer = (await askWorker(site, worker, files, '/v1/queue', job)) as QueueAnswer<
          QueueValues[Kind]
        >;
        if (answer.ok) return answer.value;
        if (answer.reason === 'nonexistent') return undefined;
        throw new OperatorError(
          `the queue of worker ${workerIndex} of ${site.name} cannot be used; the site’s log has the reason`,
        );
      },
    })),
  );
}

async function findSites(
  { driver }: Pick<Deployment, 'driver'>,
  siteName: string | undefined,
): Promise<readonly SiteRecord[]> {
  if (siteName === undefined) {
    const sites = await driver.listSites();
    return sites
      .filter(({ foreign }) => foreign === undefined)
      .toSorted((one, other) => (one.name < other.name ? -1 : 1));
  }
  const name = parseSiteName(siteName);
  const site = name && (await driver.getSite(name));
  if (site === undefined) {
    throw new OperatorError(
      `the directory has no site ${siteName}; see homeward site list`,
      EXIT_CODES.refused,
    );
  }
  if (site.foreign === undefined) return [site];
  throw new OperatorError(
    `${site.name} runs other software, which has a queue of its own`,
    EXIT_CODES.refused,
  );
}
