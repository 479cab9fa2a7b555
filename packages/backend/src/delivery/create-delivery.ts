/** What submission and LMTP of one worker share: where its recipients are, and how they get mail. */
import {
  type AccountRecord,
  createMailAddresses,
  type MailAddresses,
  type MailAddressesParts,
  shardOf,
  type SiteName,
  type SiteRecord,
} from '@homeward/directory';
import { LocalDelivery, type LocalDeliveryParts } from './local-delivery.ts';

export interface DeliveryParts {
  readonly site: SiteName;
  readonly workerIndex: number;
  readonly view: MailAddressesParts['directory'];
  readonly settings: MailAddressesParts['settings'];
  readonly findOwnSite: () => SiteRecord | undefined;
  readonly openMailbox: LocalDeliveryParts['openMailbox'];
  readonly onDelivered: LocalDeliveryParts['onDelivered'];
}

export interface Delivery {
  readonly addresses: MailAddresses;
  readonly local: LocalDelivery;
  /** Whether this worker owns the mailbox. */
  readonly isLocal: (recipient: { readonly account: AccountRecord }) => boolean;
}

export function createDelivery(parts: DeliveryParts): Delivery {
  return {
    addresses: createMailAddresses({ directory: parts.view, settings: parts.settings }),
    local: new LocalDelivery(parts),
    isLocal: ({ account }) => isLocal(account, parts),
  };
}

/** Without a table (the directory was never reached) the mailbox's own lock still holds. */
function isLocal({ id, home }: AccountRecord, parts: DeliveryParts): boolean {
  if (home !== parts.site) return false;
  const table = parts.findOwnSite()?.shardTable;
  return table === undefined || table.workerOfShard[shardOf(id)] === parts.workerIndex;
}
