/** What submission and LMTP of one worker share: where its recipients are, and how they get mail. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AccountRecord,
  createMailAddresses,
  type MailAddresses,
  type MailAddressesParts,
  shardOf,
  type SiteName,
  type SiteRecord,
} from '@homeward/directory';
import type { QueueIntake } from '@homeward/mail-queue';
import { LocalDelivery, type LocalDeliveryParts } from './local-delivery.ts';
import { openSpool } from './spool.ts';

export interface DeliveryParts {
  readonly site: SiteName;
  readonly workerIndex: number;
  readonly volumeFolder: string;
  readonly view: MailAddressesParts['directory'];
  readonly settings: MailAddressesParts['settings'];
  readonly findOwnSite: () => SiteRecord | undefined;
  readonly openMailbox: LocalDeliveryParts['openMailbox'];
  readonly onDelivered: LocalDeliveryParts['onDelivered'];
  readonly onFault: (error: unknown) => void;
}

export interface Delivery {
  readonly addresses: MailAddresses;
  readonly local: LocalDelivery;
  readonly openSpool: QueueIntake['openSpool'];
  /** Whether this worker owns the mailbox. */
  readonly isLocal: (recipient: { readonly account: AccountRecord }) => boolean;
}

/** Empties the folder where an earlier process of this worker kept what was on its way in. */
export async function openDelivery(parts: DeliveryParts): Promise<Delivery> {
  const { volumeFolder, workerIndex, onFault } = parts;
  const spoolFolder = join(volumeFolder, 'spool', String(workerIndex));
  await rm(spoolFolder, { recursive: true, force: true });
  await mkdir(spoolFolder, { recursive: true, mode: 0o700 });
  return {
    addresses: createMailAddresses({ directory: parts.view, settings: parts.settings }),
    local: new LocalDelivery(parts),
    openSpool: () => openSpool(spoolFolder, onFault),
    isLocal: ({ account }) => isLocal(account, parts),
  };
}

/** Without a table (the directory was never reached) the mailbox's own lock still holds. */
function isLocal({ id, home }: AccountRecord, parts: DeliveryParts): boolean {
  if (home !== parts.site) return false;
  const table = parts.findOwnSite()?.shardTable;
  return table === undefined || table.workerOfShard[shardOf(id)] === parts.workerIndex;
}
