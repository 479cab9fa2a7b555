/**
 * Where the mail of an address goes: to the worker that owns the mailbox. A group goes as a whole
 * to a worker of one of its members, which delivers to those it has and queues the rest.
 */
import {
  type AccountRecord,
  type DirectoryView,
  type MailAddresses,
  type SiteRecord,
  workerFor,
} from '@homeward/directory';
import { findWorkerDoor, type WorkerDoor } from '@homeward/home-delivery';
import {
  DIRECTORY_AWAY,
  GROUP_TOO_LARGE,
  RECIPIENT_DISABLED,
  type Refusal,
  UNKNOWN_RECIPIENT,
} from '@homeward/smtp/session';
import { NO_LMTP, NOT_OURS, SITE_AWAY } from './refusals.ts';

/** A worker that takes the mail of some account. */
export interface MailHome {
  /** Equal for one and the same worker. */
  readonly key: string;
  readonly door: WorkerDoor;
  readonly account: AccountRecord;
  readonly site: SiteRecord;
}

export interface HomeFinderParts {
  readonly addresses: Pick<MailAddresses, 'resolveRecipient' | 'expandGroup'>;
  readonly view: Pick<DirectoryView, 'getSite' | 'rereadSite' | 'rereadAccount'>;
}

/** Members of a group whose homes are tried before it is put off. */
const GROUP_HOME_LIMIT = 3;

/** Owns nothing. Calls never reject. */
export class HomeFinder {
  readonly #parts: HomeFinderParts;

  constructor(parts: HomeFinderParts) {
    this.#parts = parts;
  }

  /** @returns Workers to be tried in order, at least one; or why there is none. */
  async find(address: string): Promise<readonly MailHome[] | Refusal> {
    const { addresses } = this.#parts;
    const found = await addresses.resolveRecipient(address);
    switch (found.kind) {
      case 'unavailable':
        return DIRECTORY_AWAY;
      case 'elsewhere':
        return NOT_OURS;
      case 'unknown':
        return found.reason === 'account-disabled' ? RECIPIENT_DISABLED : UNKNOWN_RECIPIENT;
      case 'mailbox': {
        const home = await this.#locate(found.account);
        return 'code' in home ? home : [home];
      }
      case 'group': {
        const expanded = await addresses.expandGroup(found.group);
        if (expanded.kind === 'unavailable') return DIRECTORY_AWAY;
        if (expanded.kind === 'too-large') return GROUP_TOO_LARGE;
        return this.#findForGroup(expanded.mailboxes.map(({ account }) => account));
      }
    }
  }

  /** For who was told that the account is not there. @returns Its home as it is just now. */
  async findAnew({ account, site }: MailHome): Promise<MailHome | Refusal> {
    const { view } = this.#parts;
    const present = await view.rereadAccount(account.id, account);
    if (present.kind !== 'found')
      return present.kind === 'unknown' ? UNKNOWN_RECIPIENT : DIRECTORY_AWAY;
    const { home } = present.account;
    const found = await (home === site.name ? view.rereadSite(home, site) : view.getSite(home));
    return found.kind === 'found' ? toHome(present.account, found.site) : SITE_AWAY;
  }

  async #locate(account: AccountRecord): Promise<MailHome | Refusal> {
    const found = await this.#parts.view.getSite(account.home);
    if (found.kind === 'found') return toHome(account, found.site);
    return found.kind === 'unknown' ? NO_LMTP : DIRECTORY_AWAY;
  }

  async #findForGroup(members: readonly AccountRecord[]): Promise<readonly MailHome[] | Refusal> {
    const homes = new Map<string, MailHome>();
    const sites = new Set<string>();
    let refusal = NO_LMTP;
    for (const account of members) {
      if (homes.size === GROUP_HOME_LIMIT) break;
      // Another worker of the same site would probably be away as well.
      if (sites.has(account.home)) continue;
      sites.add(account.home);
      const home = await this.#locate(account);
      if ('code' in home) refusal = home;
      else homes.set(home.key, home);
    }
    return homes.size === 0 ? refusal : [...homes.values()];
  }
}

function toHome(account: AccountRecord, site: SiteRecord): MailHome | Refusal {
  const owner = workerFor(site, account.id);
  const door = owner && findWorkerDoor(site, owner.workerIndex);
  if (door === undefined) return NO_LMTP;
  return { key: `${site.name}/${owner?.workerIndex}`, door, account, site };
}
