/**
 * One import at a time into a mailbox. What lies in a folder says what need not be sent, so nobody
 * may put messages there at the same time: neither another import, nor one that was killed and whose
 * last messages are still on their way, nor this one's own connection that was lost. The sessions
 * of all of them bear the same conversation id, and by it the owner is asked, before a new one, to
 * end the one that is there.
 */
import { setTimeout } from 'node:timers/promises';
import { type AccountRecord, workerFor } from '@homeward/directory';
import { SESSION_END_PATH, SESSION_END_RECEIPT, type SessionEndOrder } from '@homeward/service';
import { controlFilesOf } from '../care/care-door.ts';
import { askWorker } from '../care/control-client.ts';
import { OperatorError } from '../output/operator-error.ts';
import type { OwnerConnection } from '../owner/owner-connection.ts';
import type { Deployment } from '../wiring.ts';

const LOOK_PAUSE_MS = 50;
/** A session ends behind the APPEND that is under way, which waits for the site's disk at most. */
const LOOK_COUNT = 600;

/**
 * How an import connects, for the first time and again.
 *
 * @param note Told once if the site could not be asked: then another import may store messages that
 *   this one stores, too.
 */
export function createSoleConnector(
  deployment: Pick<Deployment, 'config' | 'folder' | 'driver' | 'connectToOwner'>,
  account: AccountRecord,
  note: (text: string) => void,
): () => Promise<OwnerConnection> {
  const conversationId = `import-${account.id}`;
  let isNoted = false;
  return async () => {
    const fault = await endEarlier(deployment, account, conversationId);
    const connection = await deployment.connectToOwner(account, conversationId);
    if (fault !== undefined && !isNoted) {
      isNoted = true;
      note(
        'Let no other import into this mailbox run, or messages may be stored twice: ' +
          `the site could not be asked to end it (${fault}).`,
      );
    }
    return connection;
  };
}

/** @returns Why the owner cannot be asked. @throws OperatorError if the session does not end. */
async function endEarlier(
  deployment: Pick<Deployment, 'config' | 'folder' | 'driver'>,
  account: AccountRecord,
  conversationId: string,
): Promise<string | undefined> {
  const site = await deployment.driver.getSite(account.home);
  const owner = site && workerFor(site, account.id);
  // There is nobody to connect to, which is said then.
  if (site === undefined || owner === undefined || site.foreign !== undefined) return undefined;
  const order: SessionEndOrder = { reason: 'kicked', conversationIds: [conversationId] };
  const files = controlFilesOf(deployment);
  for (let look = 0; look < LOOK_COUNT; look += 1) {
    try {
      const answer = await askWorker(site, owner.address, files, SESSION_END_PATH, order);
      if (SESSION_END_RECEIPT.parse(answer).askedIds.length === 0) return undefined;
    } catch (error) {
      if (error instanceof OperatorError) return error.message;
      throw error;
    }
    await setTimeout(LOOK_PAUSE_MS);
  }
  throw new OperatorError(
    `another import into ${account.address} was told to end and still goes on at site ` +
      `${site.name}; end it where it runs, or try again in some minutes`,
  );
}
